// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.manifest.Manifest;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.Ratchet;
import io.mtlsmigration.rollout.InstalledRatchet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ratchet of the simulated API server. Installed by its ConfigMap in a scenario's files or
 * events; the policy that reads it is assumed to exist.
 */
final class SimulatedRatchet implements InstalledRatchet {

  private static final String NAMESPACE = "mtls-migration";

  private final Faults faults;
  private volatile @Nullable Ratchet installed;

  SimulatedRatchet(Faults faults) {
    this.faults = faults;
  }

  /** Returns whether an object is the ConfigMap with the entries. */
  static boolean isEntries(ObjectRef ref) {
    return ref.kind().equals("ConfigMap")
        && ref.namespace().equals(NAMESPACE)
        && ref.name().equals(Ratchet.NAME);
  }

  static Ratchet read(Manifest manifest) {
    Map<String, String> entries = new HashMap<>();
    manifest
        .tree()
        .path("data")
        .properties()
        .forEach(entry -> entries.put(entry.getKey(), entry.getValue().asText()));
    return Ratchet.of(entries);
  }

  /** Installs a ratchet; {@code null} removes it. */
  synchronized void install(@Nullable Ratchet ratchet) {
    installed = ratchet;
  }

  /** Returns why a write is refused, in the words of admission. */
  Optional<String> refusal(PolicyChange change) {
    Ratchet ratchet = installed;
    return ratchet == null
        ? Optional.empty()
        : ratchet.refusal(
            change.ref().namespace(), change.ref().name(), change.before(), change.after());
  }

  @Override
  public String namespace() {
    return NAMESPACE;
  }

  @Override
  public State read() {
    if (faults.inForce(Fault.Kind.API_DOWN)) {
      return new State.Unknown("the API server does not answer");
    }
    Ratchet ratchet = installed;
    return ratchet == null
        ? new State.Absent("there is no ConfigMap " + NAMESPACE + "/" + Ratchet.NAME)
        : new State.Present(ratchet, true, "");
  }

  @Override
  public synchronized Lift lift(String key) {
    Ratchet ratchet = installed;
    if (ratchet == null || !ratchet.holds(key) || faults.inForce(Fault.Kind.API_DOWN)) {
      return new Lift.Free();
    }
    installed = ratchet.lifted(key);
    return new Lift.Lifted();
  }
}
