// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.testing.Halted;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Dry runs in a cluster that may fail, and may kill whoever writes there. */
public final class SimulatedDryRuns implements DryRunPolicies {

  public record Kept(DryRunPolicy policy, String marker, String version) {}

  public final Map<String, Kept> kept = new HashMap<>();

  /** How often something was created or deleted. */
  public int effects;

  /** Dies right after this many effects; 0 = never. */
  public int haltAfter;

  public int attempts;
  @Nullable Placement placement;
  public boolean down;

  /** Proxies take such a policy in like any other. */
  public Runnable onEffect = () -> {};

  public Set<Integer> leftOut(String namespace) {
    Kept one = kept.get(namespace);
    return one == null ? Set.of() : one.policy().notPorts();
  }

  @Override
  public Placement place(DryRunPolicy policy, String marker) {
    attempts++;
    if (down) {
      return new Placement.Unknown("connection refused");
    }
    if (placement != null) {
      return placement;
    }
    Kept there = kept.get(policy.namespace());
    if (there == null) {
      kept.put(policy.namespace(), new Kept(policy, marker, "v" + attempts));
      effect();
      return new Placement.Placed();
    }
    return there.marker().equals(marker)
        ? new Placement.Found(there.version())
        : new Placement.Refused("exists already");
  }

  @Override
  public Removal remove(String namespace, String markerPrefix) {
    if (down) {
      return new Removal.Failed("connection refused");
    }
    Kept there = kept.get(namespace);
    if (there != null && there.marker().startsWith(markerPrefix)) {
      kept.remove(namespace);
      effect();
    }
    return new Removal.Gone();
  }

  private void effect() {
    effects++;
    onEffect.run();
    if (effects == haltAfter) {
      throw new Halted("after dry-run write " + effects);
    }
  }
}
