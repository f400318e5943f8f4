// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.ExternalWorkload;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Machines outside Kubernetes whose proxies a step's policy governs, as it does those of pods. */
final class GovernedMachines {

  private GovernedMachines() {}

  /**
   * Returns them in the order of names; those of a WorkloadGroup by its name, whether or not any is
   * connected now.
   */
  static List<String> of(GateContext context) {
    MeshModes modes = context.observation().modes();
    List<ExternalWorkload> all =
        context.isMesh()
            ? modes.others(ExternalWorkload.class)
            : context.facts().others(ExternalWorkload.class);
    TreeSet<String> names = new TreeSet<>();
    for (ExternalWorkload machine : all) {
      String namespace = machine.ref().namespace();
      if (machine.proxied()
          && context.governs(namespace)
          && !open(context, modes.namespace(namespace), machine)) {
        names.add(name(machine).toString());
      }
    }
    return List.copyOf(names);
  }

  /**
   * Returns whether another policy decides the machine's mode, or one of the plan's is going to.
   */
  private static boolean open(GateContext context, NamespaceModes modes, ExternalWorkload machine) {
    Optional<PeerAuthentication> own = modes.workloadPolicy(machine.labels());
    if (own.isPresent()) {
      return own.get().spec().mode() != MtlsMode.UNSET;
    }
    // No step prepares a namespace that the mesh step governs.
    List<PolicyException> exceptions = context.isMesh() ? List.of() : context.spec().exceptions();
    return ExceptionCover.of(modes.facts(), exceptions).covers(machine.labels(), 0);
  }

  private static ObjectRef name(ExternalWorkload machine) {
    return machine.group().isEmpty()
        ? machine.ref()
        : new ObjectRef("WorkloadGroup", machine.ref().namespace(), machine.group());
  }
}
