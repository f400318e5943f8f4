// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NetworkPolicy;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.EffectiveMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Differences of the ambient data plane. */
final class AmbientParticulars implements Rule {

  private static final int HBONE = 15008;

  private static final String WAYPOINT = "istio.io/use-waypoint";

  @Override
  public void check(Inspection namespace) {
    waypoint(namespace);
    List<NetworkPolicy> policies = namespace.facts().others(NetworkPolicy.class);
    for (Pod pod : namespace.captured()) {
      if (pod.dataPlane() == DataPlane.AMBIENT) {
        disabled(namespace, pod);
        NetworkPolicy closed = closed(policies, pod);
        if (closed != null) {
          report(namespace, pod, closed);
        }
      }
    }
  }

  private static void waypoint(Inspection namespace) {
    String name = namespace.facts().labels().getOrDefault(WAYPOINT, "none");
    if (!name.equals("none")
        && namespace.captured().stream().anyMatch(p -> p.dataPlane() == DataPlane.AMBIENT)) {
      namespace.report(
          HazardCode.AMBIENT_PARTICULARS,
          Severity.INFO,
          new ObjectRef("Namespace", "", namespace.name()),
          0,
          "Mesh clients reach "
              + namespace.name()
              + " by the waypoint "
              + name
              + ": that STRICT takes what comes from it, and that plaintext is refused at the pods"
              + " themselves, is read in Istio's source and unproven.",
          "Look at the probes and at what is refused after the lock.");
    }
  }

  /** Returns a policy that closes 15008; null when open. One policy that opens it is enough. */
  private static @Nullable NetworkPolicy closed(List<NetworkPolicy> policies, Pod pod) {
    NetworkPolicy closed = null;
    for (NetworkPolicy policy : policies) {
      if (policy.pods().matches(pod.labels())) {
        if (policy.letsIn(HBONE)) {
          return null;
        }
        closed = policy;
      }
    }
    return closed;
  }

  private static void report(Inspection namespace, Pod pod, NetworkPolicy policy) {
    namespace.report(
        HazardCode.AMBIENT_PARTICULARS,
        policy.ref(),
        0,
        policy.ref()
            + " does not let port 15008 in to the ambient pods of "
            + pod.workload()
            + ", by which all mutual TLS comes: under STRICT nobody gets through.",
        "Let TCP port 15008 in.");
  }

  private static void disabled(Inspection namespace, Pod pod) {
    EffectiveMode written = namespace.modes().ofLabels(pod.labels());
    if (written.mode() == MtlsMode.DISABLE && written.decidedBy() != null) {
      namespace.report(
          HazardCode.AMBIENT_PARTICULARS,
          Severity.INFO,
          written.decidedBy(),
          0,
          "%s says DISABLE, which for the ambient pods of %s is PERMISSIVE."
              .formatted(written.decidedBy(), pod.workload()),
          "Write PERMISSIVE.");
    }
  }
}
