// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.List;
import java.util.Map;

/**
 * An AuthorizationPolicy of action ALLOW, for people to read, change and apply; the service never
 * applies it. Once applied, its pods refuse every request that none of their ALLOW policies
 * matches.
 *
 * @param selector {@code selector.matchLabels}; empty = all pods of the namespace
 * @param workloads workloads whose pods it governs
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

  /** The prefix of the names of drafts, which identifies them once they are applied. */
  public static final String NAME = "mtls-migration-open";

  public AuthorizationDraft {
    selector = Map.copyOf(selector);
    rules = List.copyOf(rules);
    workloads = List.copyOf(workloads);
    neighbours = List.copyOf(neighbours);
    notes = List.copyOf(notes);
  }

  /** The source of a rule. */
  public enum Origin {
    /** Any identity of the mesh, that is, any client that speaks mutual TLS. */
    MESH_IDENTITIES,
    /** An exception of the plan. */
    EXCEPTION,
    /** A probe of the kubelet that is not rewritten to go through the proxy. */
    KUBELET_PROBE,
    /** Plaintext that servers have observed. */
    OBSERVED
  }

  /**
   * A rule that matches a caller that is one of {@code principals} or of {@code ipBlocks}, with a
   * request for one of {@code ports} and of {@code paths}; an empty list matches everything.
   *
   * @param ports container ports
   * @param paths only for ports that a sidecar treats as HTTP: elsewhere a rule with paths counts
   *     as absent (istio pilot/pkg/security/authz/model/model.go, {@code checkError}; for ztunnel
   *     pilot/pkg/serviceregistry/ambient/authorization.go, {@code handleRule}), and what it should
   *     allow is refused
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

    /** Returns a rule that allows any caller, in plaintext too. */
    static Rule open(Origin origin, List<Integer> ports, List<String> paths, String why) {
      return new Rule(origin, List.of(), List.of(), ports, paths, why);
    }

    /** Returns the rule without its origin: only what it allows. */
    Rule bare() {
      return new Rule(Origin.OBSERVED, principals, ipBlocks, ports, paths, "");
    }
  }

  /**
   * A policy of others for the draft's pods.
   *
   * @param effect how both combine, in words
   */
  public record Neighbour(ObjectRef policy, AuthorizationPolicy.Action action, String effect) {}
}
