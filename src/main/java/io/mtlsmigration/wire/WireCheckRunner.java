// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.wire.WireCheck.Progress;
import io.mtlsmigration.wire.WireTap.Capture;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;

/** Runs checks concurrently and keeps the latest, in memory. */
public final class WireCheckRunner implements WireChecks {

  /** The number of checks that are kept; the oldest are dropped first, but never a running one. */
  private static final int REMEMBERED = 100;

  /** Concurrent checks: each may hold some megabytes, and is a process in somebody's pod. */
  private static final int AT_ONCE = 8;

  private final Inventory inventory;
  private final WireTap tap;
  private final Clock clock;
  private final Executor executor;
  private final Map<String, WireCheck> checks = new LinkedHashMap<>();

  /**
   * Creates a runner.
   *
   * @param executor runs captures, which block until they end
   */
  public WireCheckRunner(Inventory inventory, WireTap tap, Clock clock, Executor executor) {
    this.inventory = inventory;
    this.tap = tap;
    this.clock = clock;
    this.executor = executor;
  }

  @Override
  public WireCheck start(WireRequest request) {
    WireTap.Target target = WireTargets.of(inventory.snapshot(), request);
    Pod pod = target.pod();
    WireCheck check =
        new WireCheck(
            UUID.randomUUID().toString(),
            request,
            pod.workload(),
            pod.name(),
            target.ports().stream().map(port -> port(pod, port)).toList(),
            clock.instant(),
            new Progress.Running());
    admit(check);
    begin(check, target);
    return check;
  }

  private void begin(WireCheck check, WireTap.Target target) {
    boolean begun = false;
    try {
      executor.execute(() -> run(check, target));
      begun = true;
    } finally {
      if (!begun) {
        forget(check);
      }
    }
  }

  private static WireCheck.Port port(Pod pod, int port) {
    boolean bypassed =
        switch (pod.dataPlane()) {
          case NONE -> true;
          case SIDECAR -> pod.inbound().bypasses(port) && port != Classifier.TUNNEL_PORT;
          case AMBIENT, GATEWAY -> false;
        };
    return new WireCheck.Port(port, bypassed);
  }

  private void run(WireCheck check, WireTap.Target target) {
    Progress end = new Progress.Failed(clock.instant(), unexpected("the check was ended"));
    try {
      end = end(tap.capture(target, bounds(check.request())));
    } catch (RuntimeException e) {
      end = new Progress.Failed(clock.instant(), unexpected(String.valueOf(e)));
    } finally {
      remember(check.with(end));
    }
  }

  private static WireTap.Bounds bounds(WireRequest request) {
    return new WireTap.Bounds(request.duration(), request.packets());
  }

  private static WireFailure unexpected(String reason) {
    return new WireFailure(
        WireFailureCode.CAPTURE_FAILED, reason, "Ask again; the service's log may tell more");
  }

  private Progress end(Capture capture) {
    return switch (capture) {
      case Capture.NotPossible not -> new Progress.Failed(clock.instant(), not.failure());
      case Capture.Taken taken -> {
        // Callers may be younger than the check.
        MeshSnapshot snapshot = inventory.snapshot();
        Peers peers = Peers.of(snapshot, taken.sightings());
        List<Connection> connections = taken.sightings().stream().map(peers::named).toList();
        yield Progress.Done.of(
            clock.instant(),
            new Progress.Seen(taken.end(), taken.packets(), taken.lost()),
            connections);
      }
    };
  }

  @Override
  public Optional<WireCheck> check(String id) {
    synchronized (checks) {
      return Optional.ofNullable(checks.get(id));
    }
  }

  @Override
  public List<WireCheck> checks() {
    synchronized (checks) {
      return new ArrayList<>(checks.values()).reversed();
    }
  }

  private void admit(WireCheck check) {
    synchronized (checks) {
      long running =
          checks.values().stream().filter(c -> c.progress() instanceof Progress.Running).count();
      if (running >= AT_ONCE) {
        throw new BusyException(running + " wire checks are under way; wait until one has ended");
      }
      checks.put(check.id(), check);
      if (checks.size() > REMEMBERED) {
        checks.values().stream()
            .filter(c -> !(c.progress() instanceof Progress.Running))
            .findFirst()
            .ifPresent(oldest -> checks.remove(oldest.id()));
      }
    }
  }

  private void forget(WireCheck check) {
    synchronized (checks) {
      checks.remove(check.id());
    }
  }

  private void remember(WireCheck ended) {
    synchronized (checks) {
      checks.replace(ended.id(), ended);
    }
  }
}
