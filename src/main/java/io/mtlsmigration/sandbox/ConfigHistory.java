// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.rollout.ProxySync;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The configuration of each proxy. A change reaches every proxy after a delay of its own, like
 * istiod's pushes (0.3 to 0.9 s after the apply on a real mesh). Nothing runs in the meantime: the
 * current configuration is computed from the clock on demand.
 */
final class ConfigHistory implements ProxySync {

  private final Clock clock;
  private final Faults faults;
  private final Duration fastest;
  private final Duration slowest;

  /** Oldest first, never empty; replaced as a whole. */
  private volatile List<Config> history;

  ConfigHistory(
      MeshSnapshot initial, Clock clock, Faults faults, Duration fastest, Duration slowest) {
    this.clock = clock;
    this.faults = faults;
    this.fastest = fastest;
    this.slowest = slowest;
    this.history = List.of(new Config(0, Instant.EPOCH, MeshModes.resolve(initial)));
  }

  /** istiod's configuration of the mesh at one time. */
  static final class Config {
    private final long number;
    private final Instant at;
    private final MeshModes modes;
    private final Reachability reachability;

    Config(long number, Instant at, MeshModes modes) {
      this.number = number;
      this.at = at;
      this.modes = modes;
      this.reachability = Reachability.of(modes);
    }

    MeshModes modes() {
      return modes;
    }

    Reachability reachability() {
      return reachability;
    }
  }

  /** Records a change; called under the lock of the cluster's writer. */
  synchronized void push(MeshSnapshot next) {
    Instant now = clock.instant();
    Config last = latest();
    List<Config> kept = new ArrayList<>();
    for (int i = 0; i < history.size(); i++) {
      boolean overtaken =
          i + 1 < history.size() && !history.get(i + 1).at.plus(slowest).isAfter(now);
      if (!overtaken || heldByFault(history.get(i))) {
        kept.add(history.get(i));
      }
    }
    kept.add(new Config(last.number + 1, now, last.modes.refresh(next)));
    history = List.copyOf(kept);
  }

  Config latest() {
    return history.get(history.size() - 1);
  }

  /** Returns the current configuration of a pod's proxy. */
  Config of(Pod pod) {
    Faults.Active stale = faults.striking(Fault.Kind.PROXY_STALE, pod);
    return newestAt(pod, stale == null ? clock.instant() : stale.from());
  }

  private Config newestAt(Pod pod, Instant time) {
    List<Config> configs = history;
    for (int i = configs.size() - 1; i > 0; i--) {
      Config config = configs.get(i);
      if (!config.at.plus(delay(pod, config)).isAfter(time)) {
        return config;
      }
    }
    return configs.get(0);
  }

  /**
   * Returns the delay of a push, evenly distributed and deterministic, so that a run can be
   * understood afterwards.
   */
  private Duration delay(Pod pod, Config config) {
    long span = slowest.minus(fastest).toMillis() + 1;
    long mixed = (pod.uid().hashCode() * 31L + config.number) * 0x9E3779B97F4A7C15L;
    return fastest.plusMillis(Math.floorMod(mixed >>> 16, span));
  }

  /**
   * Returns whether a fault holds proxies back; every configuration that they may hold has to be
   * remembered.
   */
  private boolean heldByFault(Config config) {
    return faults.inForce(Fault.Kind.PROXY_STALE, stale -> !config.at.isAfter(stale.from()));
  }

  /**
   * Returns the status of a namespace, judged by what its proxies do with inbound connections: the
   * policies.
   */
  @Override
  public Status of(String namespace) {
    if (faults.inForce(Fault.Kind.API_DOWN)) {
      return new Status.Unknown("the API server, through which istiod is asked, does not answer");
    }
    MeshModes wanted = latest().modes;
    NamespaceFacts facts = wanted.snapshot().namespace(namespace);
    List<String> lagging = new ArrayList<>();
    for (Pod pod : facts == null ? List.<Pod>of() : facts.pods()) {
      if (pod.dataPlane().captured() && !pod.terminated() && lags(pod, wanted)) {
        lagging.add(namespace + "/" + pod.name());
      }
    }
    return lagging.isEmpty() ? new Status.Synced() : new Status.Lagging(lagging);
  }

  private boolean lags(Pod pod, MeshModes wanted) {
    MeshModes held = of(pod).modes;
    // The resolver keeps unchanged objects, so identity suffices; equality would cost more.
    return held != wanted && held.namespace(pod.namespace()) != wanted.namespace(pod.namespace());
  }
}
