// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * STRICT in one namespace: every captured port that no exception names refuses plaintext. Done in
 * stages, each of which must be visible in the mesh before the next begins: DISABLE becomes
 * PERMISSIVE, exceptions are made explicit, and only then the namespace's policy becomes STRICT.
 *
 * <p>Policies of single workloads are never tightened, because somebody opened them on purpose. One
 * that would leave a port open is an obstacle until an exception names the port or the policy is
 * deleted.
 */
final class NamespaceLock {

  private NamespaceLock() {}

  /** Returns the next stage, and the obstacles to all stages. */
  static Draft draft(MeshModes modes, String namespace, PlanSpec spec) {
    Draft draft = new Draft(modes, spec);
    MeshSnapshot snapshot = modes.snapshot();
    if (snapshot.isRoot(namespace)) {
      draft.obstacle(
          Obstacle.Kind.ROOT_NAMESPACE,
          namespace + " is the root namespace: a policy without selector there is the mesh's");
      return draft;
    }
    NamespaceModes own = modes.namespace(namespace);
    NamespaceFacts facts = own.facts();
    draft.requireReadable(snapshot.root());
    draft.requireReadable(facts);
    List<PolicyException> exceptions = exceptions(spec, namespace);
    boolean plain = exceptions.isEmpty() && !hasSelectors(facts);
    if (plain && own.mode().mode() == MtlsMode.STRICT) {
      return draft; // by far the most common answer, and the cheapest
    }
    if (facts.capturedPods() == 0) {
      return draft;
    }
    stage(draft, namespace, exceptions);
    if (!plain && !draft.obstructed()) {
      foresee(draft, namespace, exceptions);
    }
    return draft;
  }

  static List<PolicyException> exceptions(PlanSpec spec, String namespace) {
    return spec.exceptions().stream().filter(e -> e.namespace().equals(namespace)).toList();
  }

  private static boolean hasSelectors(NamespaceFacts facts) {
    for (PeerAuthentication policy : facts.peerAuthentications()) {
      if (!policy.spec().selector().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static void stage(Draft draft, String namespace, List<PolicyException> exceptions) {
    NamespaceModes own = draft.modes().namespace(namespace);
    PeerAuthentication effective = own.namespacePolicy().orElse(null);
    MtlsMode mode = own.mode().mode();
    if (mode == MtlsMode.DISABLE) {
      draft.setMode(
          effective,
          namespace,
          MtlsMode.PERMISSIVE,
          Purpose.ENABLE,
          "DISABLE refuses mutual TLS; clients must be able to send it before they have to");
      return;
    }
    new ExceptionPolicies(draft, own, exceptions).draft();
    if (draft.isEmpty() && mode != MtlsMode.STRICT) {
      draft.setMode(
          effective,
          namespace,
          MtlsMode.STRICT,
          Purpose.LOCK,
          "plaintext to " + namespace + " ends");
    }
  }

  /**
   * Carries out all stages on a copy: obstacles to a later one must show before the first write,
   * and so must ports that would stay open without an exception.
   */
  private static void foresee(Draft draft, String namespace, List<PolicyException> exceptions) {
    Stages.Course course =
        Stages.fold(
            ScopeModes.only(draft.modes(), namespace),
            modes -> {
              Draft next = new Draft(modes, draft.spec());
              stage(next, namespace, exceptions);
              return next.intended();
            });
    NamespaceModes own = course.modes().namespace(namespace);
    Set<Obstacle> found = new LinkedHashSet<>(course.writes().obstacles());
    for (Pod pod : ScopeModes.capturedPods(own.facts())) {
      openPorts(pod, own.of(pod), OpenPorts.of(pod, exceptions), found);
    }
    draft.obstacles(List.copyOf(found));
  }

  private static void openPorts(
      Pod pod, EffectiveMode mode, OpenPorts excepted, Set<Obstacle> found) {
    if (excepted.all()) {
      return;
    }
    if (mode.mode() != MtlsMode.STRICT) {
      found.add(weaker(mode.decidedBy(), pod, mode.mode() + " for the whole workload"));
    }
    for (int port : new TreeSet<>(mode.ports().keySet())) {
      boolean open = mode.of(port) != MtlsMode.STRICT && !pod.inbound().bypasses(port);
      if (open && !excepted.ports().contains(port)) {
        found.add(weaker(mode.decidedBy(port), pod, mode.of(port) + " for port " + port));
      }
    }
  }

  private static Obstacle weaker(@Nullable ObjectRef policy, Pod pod, String what) {
    return new Obstacle(
        Obstacle.Kind.WEAKER_WORKLOAD_POLICY,
        ("%s says %s of %s, which would stay open: name an exception for it, or change or delete"
                + " the policy")
            .formatted(
                policy == null ? "Istio's default" : policy.toString(), what, pod.workload()));
  }
}
