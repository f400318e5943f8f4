// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.EffectiveMode;
import org.jspecify.annotations.Nullable;

/** DISABLE on captured pods, which must become PERMISSIVE before it may become STRICT. */
final class DisableInForce implements Rule {

  private static final String REMEDY =
      "Change it to PERMISSIVE, wait for every proxy and for open connections, then lock down.";

  @Override
  public void check(Inspection namespace) {
    EffectiveMode plain = namespace.modes().mode();
    for (Pod pod : namespace.captured()) {
      if (pod.dataPlane() != DataPlane.SIDECAR) {
        continue;
      }
      EffectiveMode mode = namespace.modes().of(pod);
      if (mode.mode() == MtlsMode.DISABLE) {
        report(namespace, mode.decidedBy(), 0, "DISABLE is in force for " + pod.workload() + ".");
      } else if (plain.mode() == MtlsMode.DISABLE) {
        report(
            namespace,
            plain.decidedBy(),
            0,
            ("DISABLE is in force for namespace %s: mesh clients send plaintext to %s, whose own"
                    + " policy says %s.")
                .formatted(namespace.name(), pod.workload(), mode.mode()));
      }
      mode.ports()
          .forEach(
              (port, own) -> {
                if (own == MtlsMode.DISABLE && mode.mode() != MtlsMode.DISABLE) {
                  report(
                      namespace,
                      mode.portsDecidedBy(),
                      port,
                      "DISABLE is in force for port " + port + " of " + pod.workload() + ".");
                }
              });
    }
  }

  private static void report(
      Inspection namespace, @Nullable ObjectRef policy, int port, String message) {
    if (policy != null) {
      namespace.report(HazardCode.DISABLE_IN_FORCE, policy, port, message, REMEDY);
    }
  }
}
