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
 * The ratchet of the simulated API server. Installed by the ConfigMap that it is offered with, in a
 * scenario's files or events; the policy that reads it is taken to be there.
 */
final class SimulatedRatchet implements InstalledRatchet {

  private static final String NAMESPACE = "mtls-migration";

  private final Faults faults;
  private volatile @Nullable Ratchet installed;

  SimulatedRatchet(Faults faults) {
    this.faults = faults;
  }

  /** True for the ConfigMap that holds the entries. */
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

  /** {@code null} takes it away. */
  synchronized void install(@Nullable Ratchet ratchet) {
    installed = ratchet;
  }

  /** Why a write is not let through, as admission would say it. */
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
