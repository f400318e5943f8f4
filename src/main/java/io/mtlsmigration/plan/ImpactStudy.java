// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.plan.Impact.Flow;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.traffic.TrafficReading;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Computes the impact: which client reaches which server now, and after the writes. Clients are
 * those that the servers observed, those that were probed, and every workload that might call.
 * Writes that an obstacle holds up count as made, because a person judges what the plan wants.
 */
public final class ImpactStudy {

  static final int HALF = 32;

  private ImpactStudy() {}

  /**
   * Returns the half of an impact's hash that is of the policies alone that are a person's, and are
   * taken over by an approval: no evidence changes it, nor does any other write.
   */
  public static String takeoversOfNamespace(MeshModes modes, String namespace, PlanSpec spec) {
    return takeovers(
        StepName.ofNamespace(namespace),
        modes,
        Preview.namespace(modes, namespace, spec).changes(),
        spec);
  }

  /** The same of the mesh step. */
  public static String takeoversOfMesh(MeshModes modes, PlanSpec spec) {
    return takeovers(StepName.MESH, modes, meshWrites(modes, spec), spec);
  }

  private static List<PolicyChange> meshWrites(MeshModes modes, PlanSpec spec) {
    return Preview.mesh(modes, spec, Set.of(), Set.of()).changes();
  }

  /** Returns the impact of setting a namespace to {@code mode} under {@code spec}'s exceptions. */
  public static Impact namespace(
      MeshModes modes,
      String namespace,
      MtlsMode mode,
      PlanSpec spec,
      TrafficReading traffic,
      ConnectivityMatrix matrix) {
    List<PolicyChange> changes =
        (mode == MtlsMode.STRICT
                ? Preview.namespace(modes, namespace, spec)
                : Preview.mode(modes, namespace, mode, spec))
            .changes();
    // Nothing else changes, and a mesh of ten thousand namespaces takes long to recompute.
    MeshModes then = Preview.after(ScopeModes.only(modes, namespace), changes);
    return namespace(modes, then, namespace, changes, spec, traffic, matrix);
  }

  /**
   * Returns the impact of locking a namespace anew under {@code spec}: what was written there is
   * taken back first.
   *
   * @param written the ledger of the namespace's step; empty when nothing of it is in place
   */
  public static Impact lockedAnew(
      MeshModes modes,
      List<LedgerEntry> written,
      String namespace,
      PlanSpec spec,
      TrafficReading traffic,
      ConnectivityMatrix matrix) {
    MeshModes open =
        Preview.after(
            ScopeModes.only(modes, namespace),
            written.stream().map(entry -> back(entry, namespace)).toList());
    List<PolicyChange> changes = Preview.namespace(open, namespace, spec).changes();
    MeshModes then = Preview.after(open, changes);
    return namespace(modes, then, namespace, changes, spec, traffic, matrix);
  }

  private static PolicyChange back(LedgerEntry entry, String namespace) {
    return new PolicyChange(
        entry.ref(),
        /* before= */ entry.after(),
        /* after= */ entry.before(),
        PolicyChange.Purpose.ROLLBACK,
        true,
        namespace + " is locked anew");
  }

  private static Impact namespace(
      MeshModes modes,
      MeshModes then,
      String namespace,
      List<PolicyChange> changes,
      PlanSpec spec,
      TrafficReading traffic,
      ConnectivityMatrix matrix) {
    ImpactFlows flows =
        new ImpactFlows(modes, Reachability.of(modes).under(then.namespace(namespace)), matrix);
    flows.observed(namespace, traffic);
    flows.probed(namespace);
    flows.possible(namespace);
    return impact(StepName.ofNamespace(namespace), modes, flows.flows(), changes, spec);
  }

  /**
   * Returns the impact of the mesh step. Possible clients are considered only where some pod's mode
   * changes: elsewhere the step has no effect.
   */
  public static Impact mesh(
      MeshModes modes, PlanSpec spec, TrafficReading traffic, ConnectivityMatrix matrix) {
    List<PolicyChange> changes = meshWrites(modes, spec);
    MeshModes then = Preview.after(modes, changes);
    ImpactFlows flows = new ImpactFlows(modes, Reachability.of(then), matrix);
    for (NamespaceFacts facts : modes.snapshot().namespaces().values()) {
      flows.observed(facts.name(), traffic);
      flows.probed(facts.name());
      if (changes(modes, then, facts)) {
        flows.possible(facts.name());
      }
    }
    return impact(StepName.MESH, modes, flows.flows(), changes, spec);
  }

  private static boolean changes(MeshModes now, MeshModes then, NamespaceFacts facts) {
    return ScopeModes.capturedPods(facts).stream()
        .anyMatch(
            pod ->
                !ScopeModes.sameModes(
                    now.namespace(facts.name()).of(pod), then.namespace(facts.name()).of(pod)));
  }

  private static Impact impact(
      String subject,
      MeshModes modes,
      List<Flow> flows,
      List<PolicyChange> changes,
      PlanSpec spec) {
    String hash = all(subject, flows, changes) + takeovers(subject, modes, changes, spec);
    return new Impact(subject, flows, changes, hash);
  }

  /**
   * Hashes what a person approves: the clients that will be refused, and the writes. Pod addresses,
   * and clients that continue to get through, change all day and void no approval.
   */
  private static String all(String subject, List<Flow> flows, List<PolicyChange> changes) {
    Set<String> breaking = new TreeSet<>();
    for (Flow flow : flows) {
      if (flow.breaks()) {
        breaking.add(flow.from() + " → " + flow.to() + " " + flow.clientTls());
      }
    }
    Digest all = new Digest();
    all.line(subject);
    breaking.forEach(all::line);
    changes.forEach(change -> add(all, change));
    return all.hex().substring(0, HALF);
  }

  private static String takeovers(
      String subject, MeshModes modes, List<PolicyChange> changes, PlanSpec spec) {
    Digest takeovers = new Digest();
    takeovers.line(subject);
    for (PolicyChange change : changes) {
      PeerAuthentication policy = Snapshots.find(modes.snapshot(), change.ref());
      if (policy != null && PolicyOwnership.needsAdoption(policy, change.after(), spec)) {
        takeovers.line(policy.meta().uid());
        add(takeovers, change);
      }
    }
    return takeovers.hex().substring(0, HALF);
  }

  private static void add(Digest digest, PolicyChange change) {
    digest.line(change.ref(), change.purpose(), change.weakens());
    digest.line("before", Digest.words(change.before()));
    digest.line("after", Digest.words(change.after()));
  }
}
