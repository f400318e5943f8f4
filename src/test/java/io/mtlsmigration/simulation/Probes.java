// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.ProbePlan;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.rollout.ProbeScope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rounds of probes of one process, as the service plans, reads and remembers them: what is
 * probed and what is expected follow from what it sees; what comes out, from what is there and what
 * the proxies do.
 */
final class Probes {

  /** Seconds between two rounds, the default of {@code mtls-migration.probes.interval}. */
  private static final long INTERVAL = 30;

  /** Seconds for which recent calls are taken for the same ones. */
  private static final long OBSERVED = 300;

  /** The same while nothing changes, and ticks are an hour apart. */
  private static final long OBSERVED_CALMLY = 3 * 3600;

  /** Small enough that most rounds are representative. */
  private static final int FULL = 12;

  private static final Duration QUICK = Duration.ofMillis(1);

  private static final ProbeResult.Completed REFUSED = new ProbeResult.Completed(0, 56, "", QUICK);

  private static final ProbeResult.Completed ANSWERED =
      new ProbeResult.Completed(200, 0, "", QUICK);

  /** Nobody is there any more: curl cannot connect. */
  private static final ProbeResult.Completed NOBODY = new ProbeResult.Completed(0, 7, "", QUICK);

  private final World world;
  private final Replica replica;
  private final ConnectivityLog log = new ConnectivityLog();
  private List<ProbePlan.ObservedCall> calls = List.of();
  private long observed = Scrapes.NEVER;
  private long next;
  private long turn;

  Probes(World world, Replica replica) {
    this.world = world;
    this.replica = replica;
  }

  /** After the round that is due, which the leader alone makes. */
  ConnectivityMatrix matrix(Seen seen) {
    if (replica.leads() && world.now() >= next) {
      next = world.now() + INTERVAL;
      round(seen);
    }
    return log.matrix();
  }

  /** Whether a client did not get through when it was last tried. */
  boolean failed(String client, Workload server, int port) {
    Service.ServicePort asked = server.port(port);
    String to = server.id() + ":" + (asked == null ? "" : asked.port());
    return log.matrix().cells().stream()
        .anyMatch(cell -> cell.from().equals(client) && cell.to().equals(to) && cell.failed());
  }

  private void round(Seen seen) {
    Reachability reachability = Reachability.of(seen.modes());
    ProbePlan plan =
        new ProbePlan(seen.modes().snapshot(), reachability, Probes::client, pod -> false);
    ProbeScope scope = new ProbeScope(world.book.of(replica), seen);
    if (world.now() - observed >= (replica.calm() ? OBSERVED_CALMLY : OBSERVED)) {
      observed = world.now();
      calls = scope.observedCalls();
    }
    ProbePlan.Choice choice =
        plan.choose(new ProbePlan.Bounds(FULL, scope.focus(), turn++), calls, log.matrix().cells());
    log.cover(choice.coverage(), plan.leftOut());
    Reachability real = Reachability.of(world.cluster.now().modes);
    Instant at = seen.now();
    List<Cell> cells = new ArrayList<>();
    for (ProbeTarget target : choice.targets()) {
      if (!target.passedOver(reachability)) {
        cells.add(Cell.of(target, result(target, real), at, scope.expected(target)));
      }
    }
    log.record(cells, at);
    List<Cell> known = log.matrix().cells();
    log.retain(known, plan.stillThere(known), at, Set.of());
  }

  /** Ztunnels serve nobody either, and have no curl. */
  private static boolean client(Pod pod) {
    return pod.ready() && pod.ports().isEmpty() && !pod.namespace().equals(Cluster.ROOT);
  }

  private ProbeResult result(ProbeTarget target, Reachability real) {
    Pod client = live(target.client());
    if (!world.api.answers()) {
      return new ProbeResult.NotPossible("the API server does not answer");
    }
    if (client == null) {
      return new ProbeResult.NotPossible("pod " + target.client().name() + " is gone");
    }
    Workload server = server(target);
    Workload front = server == null ? null : front(server);
    if (server == null || front == null || !front.name.equals(target.service().name())) {
      return NOBODY;
    }
    if (target.pinned()) {
      Pod pod = live(target.backend().pod());
      return pod == null ? NOBODY : call(real, client, target, server, front, pod);
    }
    List<ProbeResult.Completed> each = new ArrayList<>();
    for (Pod pod : server.pods) {
      each.add(call(real, client, target, server, front, pod));
    }
    List<ProbeResult.Completed> calls = new ArrayList<>();
    for (int i = 0; i < target.calls() && !each.isEmpty(); i++) {
      calls.add(each.get(i % each.size()));
    }
    return calls.isEmpty()
        ? NOBODY
        : calls.size() == 1 ? calls.getFirst() : new ProbeResult.Several(calls);
  }

  /** Whose Service selects a workload's pods; null when nobody's does. */
  private @Nullable Workload front(Workload server) {
    Workload front = world.cluster.workload(server.namespace + "/" + server.app);
    return front == null || !front.serves ? null : front;
  }

  private @Nullable Workload server(ProbeTarget target) {
    Pod pod = target.backend().pod();
    return pod == null ? null : world.cluster.workload(pod.workload().id());
  }

  private @Nullable Pod live(@Nullable Pod seen) {
    Workload workload = seen == null ? null : world.cluster.workload(seen.workload().id());
    for (Pod pod : workload == null ? List.<Pod>of() : workload.pods) {
      if (pod.uid().equals(seen.uid())) {
        return pod;
      }
    }
    return null;
  }

  private ProbeResult.Completed call(
      Reachability real, Pod client, ProbeTarget target, Workload server, Workload front, Pod pod) {
    int port = target.backend().targetPort();
    Backend backend = new Backend(pod, pod.ip(), port, true);
    Service service = front.service();
    Service.ServicePort asked = front.port(port);
    if (service == null || asked == null) {
      return NOBODY;
    }
    Prediction sent = real.predict(client, service, asked, backend);
    boolean taken = !Calls.refuses(world.proxies.mode(server, pod, port), pod, sent);
    return taken ? ANSWERED : REFUSED;
  }
}
