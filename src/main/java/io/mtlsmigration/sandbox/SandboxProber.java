// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.probe.Prober;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Makes probes as {@code kubectl exec … curl} would, through the same proxies as all calls. */
final class SandboxProber implements Prober {

  private final SimulatedCluster cluster;
  private final Faults faults;
  private final ClientProxy clients;
  private final Clock clock;

  SandboxProber(SimulatedCluster cluster, Faults faults, ClientProxy clients, Clock clock) {
    this.cluster = cluster;
    this.faults = faults;
    this.clients = clients;
    this.clock = clock;
  }

  @Override
  public ProbeResult probe(ProbeTarget target, Duration timeout) {
    if (faults.inForce(Fault.Kind.API_DOWN)) {
      return new ProbeResult.NotPossible("the API server does not answer");
    }
    Pod client = cluster.pod(target.client().namespace(), target.client().name());
    if (client == null || !canProbeFrom(client)) {
      return new ProbeResult.NotPossible("pod " + target.client().name() + " does not run");
    }
    if (faults.strikes(Fault.Kind.EXEC_HANGS, client)) {
      return hang(timeout);
    }
    List<ProbeResult.Completed> calls =
        target.backends().stream().map(b -> call(client, target, b, timeout)).toList();
    return calls.size() == 1 ? calls.getFirst() : new ProbeResult.Several(calls);
  }

  /** Makes one call; the endpoints that a client's proxy would choose from come one by one. */
  private ProbeResult.Completed call(
      Pod client, ProbeTarget target, Backend backend, Duration timeout) {
    Instant start = clock.instant();
    CallEnd end =
        clients.make(
            new SandboxCall(client, target.service(), target.port(), backend, "/", timeout, true));
    return new ProbeResult.Completed(
        end.httpCode(), end.exitCode(), end.body(), Duration.between(start, clock.instant()));
  }

  private static ProbeResult hang(Duration timeout) {
    try {
      Thread.sleep(timeout);
      return new ProbeResult.NotPossible("exec did not end within " + timeout);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new ProbeResult.NotPossible("interrupted");
    }
  }

  @Override
  public boolean canProbeFrom(Pod pod) {
    return pod.ready() && !pod.terminated();
  }
}
