// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * The namespace's pods are captured, because STRICT protects only those. A namespace without
 * captured pods has nothing to lock; a pod without a proxy behind a Service continues to accept
 * plaintext, whatever the policy says. For the mesh step: every other namespace is prepared. For
 * both: the policy governs no pods of other clusters, and no machines outside Kubernetes, whose
 * clients are not seen here.
 */
public final class CaptureCheck implements GateCheck {

  @Override
  public Gate gate() {
    return Gate.CAPTURE;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    if (context.isMesh()) {
      return others(context);
    }
    NamespaceFacts facts = context.facts();
    List<String> open = uncaptured(context);
    if (facts.capturedPods() == 0) {
      return fail(
          context,
          Reason.NOTHING_CAPTURED,
          "no pod of " + facts.name() + " has a proxy: there is nothing that STRICT could protect",
          open);
    }
    if (open.isEmpty()) {
      return unlessUnseen(context, "every serving pod is captured");
    }
    return fail(
        context,
        Reason.PODS_UNCAPTURED,
        "pods without a proxy serve plaintext whatever the policy says: "
            + Words.list(open)
            + "; inject and restart them, or name an exception",
        open);
  }

  @Override
  public Set<String> found(GateContext context, GateResult result) {
    Set<String> found = new TreeSet<>(GovernedMachines.of(context));
    context
        .elsewhere()
        .forEach(
            (namespace, clusters) ->
                clusters.forEach(cluster -> found.add(namespace + " in " + cluster)));
    if (context.isMesh()) {
      withAsleep(context).open().forEach(open -> found.add(open.namespace()));
    } else {
      pods(context).forEach(pod -> found.add(pod.workload().toString()));
    }
    return found;
  }

  private GateResult others(GateContext context) {
    MeshReadiness others = withAsleep(context);
    if (others.complete()) {
      return unlessUnseen(context, "every namespace with captured pods is locked or exempt");
    }
    return fail(
        context,
        Reason.NAMESPACES_NOT_LOCKED,
        "mesh-wide STRICT would reach namespaces that are neither locked nor exempt: "
            + others.names(),
        others.open().stream().map(MeshReadiness.Open::toString).toList());
  }

  /** Returns the state of the others, and of those that only their traffic tells of. */
  private static MeshReadiness withAsleep(GateContext context) {
    MeshReadiness others = context.others();
    List<MeshReadiness.Open> open = new ArrayList<>(others.open());
    for (String namespace : ReachedServers.of(context).asleep()) {
      if (others.open().stream().noneMatch(known -> known.namespace().equals(namespace))) {
        open.add(
            new MeshReadiness.Open(
                namespace,
                "scaled to zero, captured when it was called last: start its pods, or keep it open by a"
                    + " PERMISSIVE policy of its own"));
      }
    }
    return new MeshReadiness(others.locked(), others.exempt(), open);
  }

  private GateResult unlessUnseen(GateContext context, String holds) {
    List<String> unseen = new ArrayList<>(2);
    SortedMap<String, Set<String>> elsewhere = context.elsewhere();
    if (!elsewhere.isEmpty()) {
      List<String> named = new ArrayList<>();
      elsewhere.forEach(
          (namespace, clusters) ->
              named.add(namespace + " in " + String.join(", ", new TreeSet<>(clusters))));
      unseen.add("sidecars of " + Words.list(named));
    }
    List<String> machines = GovernedMachines.of(context);
    if (!machines.isEmpty()) {
      unseen.add("the proxies of machines outside Kubernetes, " + Words.list(machines));
    }
    if (unseen.isEmpty()) {
      return pass(context, Reason.HOLDS, holds);
    }
    return inconclusive(
        context,
        Reason.NOT_WATCHED,
        "istiod of this cluster also serves "
            + String.join(", and ", unseen)
            + ": the policy would make them STRICT, and nobody here sees who calls them; override"
            + " this gate once it is known that only mutual TLS does"
            + (machines.isEmpty()
                ? ""
                : ", as by metrics or logs of the machines' own, or keep them open by a"
                    + " PeerAuthentication with their labels"));
  }

  /** Returns pods without a proxy that are behind a Service and not named by an exception. */
  static List<Pod> pods(GateContext context) {
    NamespaceFacts facts = context.facts();
    List<Pod> named = List.of();
    for (Pod pod : facts.pods()) {
      if (pod.terminated() || pod.dataPlane() != DataPlane.NONE || !facts.serves(pod)) {
        continue;
      }
      if (!ExceptionCover.of(facts, context.spec().exceptions()).covers(pod, 0)) {
        named = named.isEmpty() ? new ArrayList<>() : named;
        named.add(pod);
      }
    }
    return named;
  }

  /** Returns the same pods in words. */
  public static List<String> uncaptured(GateContext context) {
    return pods(context).stream()
        .map(pod -> "pod " + pod.namespace() + "/" + pod.name() + " (" + pod.workload() + ")")
        .toList();
  }
}
