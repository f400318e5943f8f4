package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.List;
import java.util.Map;

/**
 * An AuthorizationPolicy of action ALLOW, for people to read, change and apply; the service applies
 * none. Once applied, its pods refuse whatever no ALLOW policy of theirs matches.
 *
 * @param selector {@code selector.matchLabels}; empty = all pods of the namespace
 * @param workloads whose pods it governs
 * @param neighbours enforced policies of others that govern some of the same pods
 * @param notes in words for people: what the rules leave out, and what they let in
 */
public record AuthorizationDraft(
    ObjectRef ref,
    Map<String, String> selector,
    List<Rule> rules,
    List<WorkloadRef> workloads,
    List<Neighbour> neighbours,
    List<String> notes) {

  /** Names of drafts begin with it, by which they are known again once they are applied. */
  public static final String NAME = "mtls-migration-open";

  public AuthorizationDraft {
    selector = Map.copyOf(selector);
    rules = List.copyOf(rules);
    workloads = List.copyOf(workloads);
    neighbours = List.copyOf(neighbours);
    notes = List.copyOf(notes);
  }

  /** What a rule is derived from. */
  public enum Origin {
    /** Whoever shows an identity of the mesh, that is, whoever speaks mutual TLS. */
    MESH_IDENTITIES,
    /** An exception of the plan. */
    EXCEPTION,
    /** A probe of the kubelet that is not rewritten to go by the proxy. */
    KUBELET_PROBE,
    /** Plaintext that servers have seen. */
    OBSERVED
  }

  /**
   * A caller that is one of {@code principals} or of {@code ipBlocks}, and a request that is for
   * one of {@code ports} and of {@code paths}; an empty list asks for nothing.
   *
   * @param ports container ports
   * @param paths only ever for ports that a sidecar takes for HTTP: elsewhere a rule with paths
   *     counts as absent (istio pilot/pkg/security/authz/model/model.go, {@code checkError}; for
   *     ztunnel pilot/pkg/serviceregistry/ambient/authorization.go, {@code handleRule}), and what
   *     it should allow is refused
   * @param why a sentence for people
   */
  public record Rule(
      Origin origin,
      List<String> principals,
      List<String> ipBlocks,
      List<Integer> ports,
      List<String> paths,
      String why) {
    public Rule {
      principals = List.copyOf(principals);
      ipBlocks = List.copyOf(ipBlocks);
      ports = List.copyOf(ports);
      paths = List.copyOf(paths);
    }

    static final Rule MESH_IDENTITIES =
        new Rule(
            Origin.MESH_IDENTITIES,
            List.of("*"),
            List.of(),
            List.of(),
            List.of(),
            "who speaks mutual TLS and so shows an identity may call everything, as before");

    /** From anybody, in plaintext too. */
    static Rule open(Origin origin, List<Integer> ports, List<String> paths, String why) {
      return new Rule(origin, List.of(), List.of(), ports, paths, why);
    }

    /** What it lets through, whatever it is derived from. */
    Rule bare() {
      return new Rule(Origin.OBSERVED, principals, ipBlocks, ports, paths, "");
    }
  }

  /**
   * A policy beside the draft.
   *
   * @param effect how both combine, in words
   */
  public record Neighbour(ObjectRef policy, AuthorizationPolicy.Action action, String effect) {}
}
