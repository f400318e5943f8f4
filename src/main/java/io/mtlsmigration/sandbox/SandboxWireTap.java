// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.wire.Sighting;
import io.mtlsmigration.wire.WireEnd;
import io.mtlsmigration.wire.WireFailureCode;
import io.mtlsmigration.wire.WireTap;
import java.util.Comparator;
import java.util.List;

/**
 * Captures as {@code tcpdump} in the proxy's container would: the bytes that stand-in proxies
 * really received. A pod without such a container cannot be captured, as in a cluster.
 */
final class SandboxWireTap implements WireTap {

  private final SimulatedCluster cluster;
  private final Faults faults;
  private final WireTraces traces;

  SandboxWireTap(SimulatedCluster cluster, Faults faults, WireTraces traces) {
    this.cluster = cluster;
    this.faults = faults;
    this.traces = traces;
  }

  @Override
  public Capture capture(Target target, Bounds bounds) {
    if (faults.inForce(Fault.Kind.API_DOWN)) {
      return Capture.NotPossible.of(
          WireFailureCode.UNREACHABLE, "the API server does not answer", "Try again when it does");
    }
    Pod pod = cluster.pod(target.pod().namespace(), target.pod().name());
    if (pod == null || pod.terminated()) {
      return Capture.NotPossible.of(
          WireFailureCode.POD_GONE,
          "pod " + target.pod().name() + " does not run",
          "Name another one");
    }
    if (pod.dataPlane() != DataPlane.SIDECAR && pod.dataPlane() != DataPlane.GATEWAY) {
      return Capture.NotPossible.of(
          WireFailureCode.NO_PROXY,
          "pod " + pod.name() + " has no container istio-proxy",
          "Look at a pod with a sidecar");
    }
    try {
      return faults.strikes(Fault.Kind.EXEC_HANGS, pod) ? hang(bounds) : record(target, bounds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Capture.NotPossible.of(
          WireFailureCode.UNREACHABLE, "the service is stopping", "Try again when it has started");
    }
  }

  private static Capture hang(Bounds bounds) throws InterruptedException {
    Thread.sleep(bounds.duration());
    return Capture.NotPossible.of(
        WireFailureCode.TIMED_OUT, "tcpdump did not end within " + bounds.duration(), "Try again");
  }

  private Capture record(Target target, Bounds bounds) throws InterruptedException {
    try (WireTraces.Recording recording =
        traces.watch(target.pod(), target.ports(), bounds.packets())) {
      boolean full = recording.await(bounds.duration());
      List<Sighting> sightings =
          recording.traces().stream()
              .map(WireTrace::sighting)
              .filter(sighting -> target.ports().contains(sighting.flow().serverPort()))
              .sorted(Comparator.comparing(Sighting::at))
              .toList();
      return new Capture.Taken(
          sightings, recording.packets(), 0, full ? WireEnd.PACKETS : WireEnd.TIME);
    }
  }
}
