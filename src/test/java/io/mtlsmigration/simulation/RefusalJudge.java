// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.MeshReach;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.traffic.Refusals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges what is claimed of refusals, by the calls that proxies have refused: what readers of their
 * logs say is known without a gap, and what a verification makes of it.
 */
final class RefusalJudge {

  /** Readers forget the eldest refusals of a namespace beyond so many. */
  private static final int KEPT = 1000;

  /** Seconds; what is older is asked for by nobody. */
  private static final long ASKED = 1800;

  /** Until a line is written, and read. */
  private static final long READ = 60;

  private final Judge judge;
  private final World world;

  /** What each process has seen since it began to read of a namespace. */
  private final Map<Object, Map<String, Focus>> readers = new HashMap<>();

  RefusalJudge(World world, Judge judge) {
    this.judge = judge;
    this.world = world;
  }

  /**
   * Since when a process has read of a namespace without a break.
   *
   * @param viewed of which second its view was then
   * @param known proxies that any of its views since has shown
   */
  private record Focus(long viewed, Set<String> known) {}

  /** A call that every pod of its server has refused or some of them. */
  private record Refused(long at, Calls.Flow flow, Workload server, List<Calls.Receiver> by) {
    String told() {
      return flow.client + " at " + flow.server + " in second " + at;
    }

    /** As a reader tells of it. */
    String key() {
      return server.name + ":" + flow.port + "@" + at;
    }
  }

  /** Judges what a process says it knows of refusals, when it has just read the logs. */
  void read(Replica replica, Set<String> watched) {
    Map<String, Focus> focuses = readers.computeIfAbsent(replica.refusals, r -> new HashMap<>());
    focuses.keySet().retainAll(watched);
    Cluster.Version view = replica.view();
    for (String namespace : watched) {
      Focus focus = focuses.computeIfAbsent(namespace, n -> new Focus(view.at, new HashSet<>()));
      see(focus, view, namespace);
      see(focus, view, Cluster.ROOT);
      // Who tells the time wrongly tells wrongly since when it knows.
      if (!replica.skewed) {
        claimed(replica, namespace, focus);
      }
    }
  }

  private static void see(Focus focus, Cluster.Version view, String namespace) {
    NamespaceFacts facts = view.facts.namespace(namespace);
    if (facts != null) {
      facts.pods().stream().map(Pod::uid).forEach(focus.known()::add);
    }
  }

  private void claimed(Replica replica, String namespace, Focus focus) {
    Refusals told = replica.refusals.since(namespace, Instant.EPOCH);
    Instant from;
    Instant asOf;
    switch (told) {
      case Refusals.Read read -> {
        from = read.from();
        asOf = read.asOf();
      }
      case Refusals.Silent read -> {
        from = read.from();
        asOf = read.asOf();
      }
      case Refusals.Unreadable unreadable -> {
        return;
      }
    }
    Set<String> seen = seen(told);
    long begin = Math.max(from.isBefore(World.START) ? -1 : second(from), world.now() - ASKED);
    for (Refused one : refused(namespace, begin, Math.min(second(asOf), world.now()))) {
      if (seen.size() < KEPT && !seen.contains(one.key()) && !excused(one, told, focus)) {
        judge.violated(
            "NOTHING_IS_MISSING_UNTOLD",
            replica.name
                + " says that it knows of every refusal in "
                + namespace
                + " from "
                + from
                + " to "
                + asOf
                + ", and not of "
                + one.told());
      }
    }
  }

  private static long second(Instant at) {
    return Duration.between(World.START, at).toSeconds();
  }

  private static Set<String> seen(Refusals told) {
    Set<String> seen = new HashSet<>();
    told.seen().forEach(r -> seen.add(r.server().name() + ":" + r.port() + "@" + second(r.at())));
    return seen;
  }

  /** Calls in plaintext to a namespace that were refused after a time and up to another one. */
  private List<Refused> refused(String namespace, long from, long to) {
    List<Refused> all = new ArrayList<>();
    for (Calls.Flow flow : world.calls().flows()) {
      Workload server = world.cluster.workload(flow.server);
      if (server == null || !flow.serverNamespace().equals(namespace)) {
        continue;
      }
      for (Calls.Stretch stretch : flow.stretches) {
        List<Calls.Receiver> by =
            stretch.receivers().stream()
                .filter(r -> r.captured() && r.refused() && r.plaintext())
                .toList();
        long first = Math.max(from, stretch.from());
        long last = by.isEmpty() ? -1 : flow.last(first, Math.min(to, stretch.to()));
        for (long at = last; at >= 0; at = flow.last(first, at - 1)) {
          all.add(new Refused(at, flow, server, by));
        }
      }
    }
    return all;
  }

  /**
   * What no reader can know: what is written nowhere, what servers of which it says that they tell
   * of nothing have refused, and what a proxy has that came and went between two of its views.
   */
  private boolean excused(Refused one, Refusals told, @Nullable Focus focus) {
    return (told instanceof Refusals.Silent silent
            && silent.servers().contains(one.server().ref().id()))
        || one.by().stream().allMatch(r -> unwritten(one, r) || unseen(one, r, focus));
  }

  private boolean unwritten(Refused one, Calls.Receiver by) {
    return world.logs.mute(one.server(), one.at())
        || (by.dataPlane() == DataPlane.AMBIENT && world.ztunnel.at(one.at(), by.node()) == null);
  }

  private boolean unseen(Refused one, Calls.Receiver by, @Nullable Focus focus) {
    if (focus == null || unseen(one.server(), one.server().life(by.pod(), one.at()), focus)) {
      return true;
    }
    Workload.Life ztunnel = world.ztunnel.at(one.at(), by.node());
    Workload own = world.cluster.workload(Ztunnel.id(by.node()));
    return by.dataPlane() == DataPlane.AMBIENT && own != null && unseen(own, ztunnel, focus);
  }

  private static boolean unseen(Workload workload, Workload.@Nullable Life life, Focus focus) {
    return life == null
        || (life.from() > focus.viewed()
            && focus.known().stream().noneMatch(uid -> uid.startsWith(workload.uid(life.pod()))));
  }

  /**
   * Verified means that STRICT has refused nobody: what was read of it, for as long as one
   * verification takes; and of one such time nothing was lost.
   */
  void verified(Replica replica, PlanRecord plan, String subject, long begun) {
    PlanSpec spec = plan.spec();
    long now = world.now();
    world.calls().advance(now);
    if (!subject.equals("mesh")) {
      verified(replica, spec, plan.name() + " " + subject, subject, begun);
      return;
    }
    for (Cluster.Namespace namespace : world.cluster.all()) {
      long since = now;
      while (since >= begun && inherits(world.cluster.at(since), namespace.name)) {
        since--;
      }
      if (since < now) {
        verified(replica, spec, plan.name() + " mesh", namespace.name, since);
      }
    }
  }

  /** Whether the mesh's policy decides of somebody there. */
  private static boolean inherits(Cluster.Version version, String namespace) {
    NamespaceFacts facts = version.facts.namespace(namespace);
    return facts != null
        && facts.capturedPods() > 0
        && MeshReach.inherits(version.modes, namespace);
  }

  private void verified(Replica replica, PlanSpec spec, String step, String namespace, long begun) {
    long now = world.now();
    long duration = spec.verification().duration().toSeconds();
    boolean logs = world.logs.refusals;
    Refusals told = replica.refusals.since(namespace, Instant.EPOCH);
    Focus focus = readers.getOrDefault(replica.refusals, Map.of()).get(namespace);
    Set<String> seen = logs ? seen(told) : Set.of();
    List<Long> lost = new ArrayList<>();
    for (Refused one : refused(namespace, begun, now - 1)) {
      boolean known = !logs || seen.contains(one.key());
      if (known && !StepJudge.ignored(spec, one.flow()) && one.at() > now - duration + 1) {
        judge.violated(
            "VERIFIED_REFUSES_NOBODY",
            step + " is VERIFIED, and " + namespace + " is known to have refused " + one.told());
      }
      if (!known && one.at() < now - READ && seen.size() < KEPT && !excused(one, told, focus)) {
        lost.add(one.at());
      }
    }
    if (!whole(lost, begun, now, duration)) {
      judge.violated(
          "VERIFIED_IS_WHOLE",
          step
              + " is VERIFIED, and since second "
              + begun
              + " there was no whole "
              + duration
              + " s of which no refusal in "
              + namespace
              + " was lost; those of seconds "
              + lost
              + " are");
    }
  }

  /** Whether there was a long enough time in which nothing was lost. */
  private static boolean whole(List<Long> lost, long begun, long now, long duration) {
    List<Long> ends = new ArrayList<>(lost);
    ends.sort(null);
    ends.addFirst(begun);
    ends.addLast(now);
    for (int i = 1; i < ends.size(); i++) {
      // The first and the last call of such a time may be lost, and so much is not told apart.
      if (ends.get(i) - ends.get(i - 1) >= duration - 2) {
        return true;
      }
    }
    return lost.isEmpty();
  }
}
