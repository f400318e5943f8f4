// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.Ratchet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A ratchet in memory, which the simulated API server obeys. */
public final class TestRatchet implements InstalledRatchet {

  @Nullable Ratchet installed;

  /** What admission goes by; it may lag behind. */
  private @Nullable Ratchet enforced;

  /** Not null: nobody may change it, for this reason. */
  @Nullable String stuck;

  /** How many times a lift is asked for before admission knows of the first. */
  public int lag;

  public final List<String> lifted = new ArrayList<>();

  public void install(Ratchet ratchet) {
    installed = ratchet;
    enforced = ratchet;
  }

  public Optional<String> refusal(PolicyChange change) {
    return enforced == null
        ? Optional.empty()
        : enforced.refusal(
            change.ref().namespace(), change.ref().name(), change.before(), change.after());
  }

  @Override
  public String namespace() {
    return "mtls-migration";
  }

  @Override
  public State read() {
    return installed == null ? new State.Absent("none") : new State.Present(installed, true, "");
  }

  @Override
  public Lift lift(String key) {
    if (lag-- <= 0) {
      enforced = installed;
    }
    if (installed == null || !installed.holds(key)) {
      return new Lift.Free();
    }
    if (stuck != null) {
      return new Lift.Held(stuck);
    }
    installed = installed.lifted(key);
    enforced = lag < 0 ? installed : enforced;
    lifted.add(key);
    return new Lift.Lifted();
  }
}
