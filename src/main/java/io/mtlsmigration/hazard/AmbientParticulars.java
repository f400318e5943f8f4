package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NetworkPolicy;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.EffectiveMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is otherwise on the ambient data plane. */
final class AmbientParticulars implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.AMBIENT_PARTICULARS,
          Severity.WARNING,
          "What ambient does otherwise",
          "Mutual TLS reaches an ambient pod on port 15008, whatever port is meant: a"
              + " NetworkPolicy that lets only the application's ports in lets in plaintext and"
              + " nothing else, and under STRICT nobody gets through. DISABLE, in force for an"
              + " ambient pod, is PERMISSIVE.",
          "Let port 15008 in wherever the application's ports are let in; the kubelet's"
              + " probes come from 169.254.7.127. Write PERMISSIVE where it is meant.",
          "No ambient pod is selected, some policy that selects it lets 15008 in, or the"
              + " policies restrict only what goes out. DISABLE is INFO.",
          List.of(53884, 54146, 58531));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  private static final int HBONE = 15008;

  @Override
  public void check(Inspection namespace) {
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

  /** A policy by which 15008 is closed; null when it is open. What one policy opens is open. */
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
        HAZARD,
        Severity.WARNING,
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
          HAZARD,
          Severity.INFO,
          written.decidedBy(),
          0,
          written.decidedBy()
              + " says DISABLE, which for the ambient pods of "
              + pod.workload()
              + " is PERMISSIVE.",
          "Write PERMISSIVE.");
    }
  }
}
