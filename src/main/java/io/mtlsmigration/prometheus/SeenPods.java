// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
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
 * The history of pods since this process began to watch: which came, went, got a proxy, and whose
 * proxy restarted. It keeps one small record per existing pod.
 */
final class SeenPods {

  /** What was redirected during a longer pause is unknown: another process led, or nobody saw. */
  private static final Duration PAUSE = Duration.ofMinutes(5);

  /** The most pods that have gone since somebody asked; with more nobody looks any further. */
  static final int MOST_GONE = 100_000;

  private final Map<String, Seen> alive = new HashMap<>();
  private final List<Gone> gone = new ArrayList<>();
  private Instant looked = Instant.MIN;

  /** Since when there was no pause. */
  private Instant begun = Instant.MIN;

  /** The last known state of a pod. */
  static final class Seen {
    final PodName name;
    final WorkloadRef workload;
    final Instant created;
    DataPlane dataPlane;

    /** The time since which it is known to be captured; its creation if never seen uncaptured. */
    Instant captured;

    /** The last time its proxy was known to be scraped; null when it never was. */
    @Nullable Instant scraped;

    @Nullable Duration uptime;

    /** The longest of this proxy, or of the one before it. */
    private @Nullable Duration newest;

    /** When that was told, at the earliest: a look later finds the same sample again. */
    Instant sampled = Instant.MIN;

    /** The one of its node, of an ambient pod; null while none was scraped. */
    @Nullable Seen ztunnel;

    int restarts;

    /** The time at which its proxy was restarted, as far as known. */
    @Nullable Instant restarted;

    /** True when it has had an address, and its proxy may have run; else it accepted nothing. */
    boolean ran;

    /** True when a Service has led to it, or, unless it may run to its end, it declares a port. */
    boolean serves;

    /** When it was last there. */
    Instant there = Instant.MIN;

    Seen(Pod pod, Instant captured) {
      this.name = PodName.of(pod);
      this.workload = pod.workload();
      this.created = pod.createdAt();
      this.dataPlane = pod.dataPlane();
      this.captured = captured;
      this.restarts = pod.proxyRestarts();
    }

    /** Forgets a scrape of later: the clock was set back since, and nobody knows how old it is. */
    void forgetAfter(Instant time) {
      if (scraped != null && scraped.isAfter(time)) {
        scraped = null;
      }
    }

    /** Records that its proxy was scraped, with its uptime. */
    void scraped(Instant now, Duration up) {
      if ((uptime != null && up.compareTo(uptime) < 0) || (scraped == null && restarts > 0)) {
        restarted = now.minus(up);
      }
      // Of several replicas of Prometheus each may answer, also with an older sample.
      if (newest == null || up.compareTo(newest) > 0 || up.plus(PAUSE).compareTo(newest) < 0) {
        // It began after its pod, and is another sample than that of the look before.
        Instant least = created.plus(up).isAfter(now) ? now : created.plus(up);
        sampled = scraped == null ? least : Departures.later(least, scraped);
        newest = up;
      }
      scraped = now;
      uptime = up;
    }
  }

  /** A pod that went between two observations. */
  record Gone(Seen pod, Instant at) {}

  /** Returns whether so many have gone since {@link #takeGone} that nobody should look again. */
  boolean full() {
    return gone.size() > MOST_GONE;
  }

  /** Observes all pods. */
  void look(MeshSnapshot facts, Instant now) {
    Instant at = facts.observedAt().isBefore(now) ? facts.observedAt() : now;
    boolean paused = Duration.between(looked, at).abs().compareTo(PAUSE) > 0;
    Set<String> there = new HashSet<>();
    for (NamespaceFacts namespace : facts.namespaces().values()) {
      for (Pod pod : namespace.pods()) {
        if (!pod.terminated()) {
          there.add(key(pod));
          Seen seen = look(pod, now, paused);
          seen.serves |= namespace.serves(pod) || (pod.workload().lasting() && listens(pod));
          seen.there = at;
        }
      }
    }
    alive.forEach(
        (key, seen) -> {
          if (!there.contains(key)) {
            gone.add(new Gone(seen, now));
          }
        });
    alive.keySet().retainAll(there);
    looked = at;
    begun = paused ? at : begun;
  }

  private static boolean listens(Pod pod) {
    return pod.dataPlane().captured() && !pod.ports().isEmpty();
  }

  private Seen look(Pod pod, Instant now, boolean paused) {
    Seen seen = alive.get(key(pod));
    if (seen == null) {
      // A sidecar exists from the start; redirection to ztunnel may be added at any time.
      boolean always = pod.dataPlane() != DataPlane.AMBIENT || !paused;
      seen = new Seen(pod, always ? pod.createdAt() : now);
      alive.put(key(pod), seen);
    } else {
      boolean perhaps = paused && pod.dataPlane() == DataPlane.AMBIENT;
      // As for one that is seen first when it is captured: it ran for less than a pause before.
      boolean changed = seen.ran && seen.dataPlane != pod.dataPlane();
      if (perhaps || changed) {
        seen.captured = now;
      }
      seen.dataPlane = pod.dataPlane();
      if (pod.proxyRestarts() > seen.restarts) {
        seen.restarts = pod.proxyRestarts();
        seen.restarted = now;
      }
    }
    seen.ran |= !pod.ip().isEmpty() && !pod.proxyUnstarted();
    return seen;
  }

  private static String key(Pod pod) {
    return pod.uid().isEmpty() ? pod.namespace() + "/" + pod.name() : pod.uid();
  }

  /** Returns null for a pod that did not exist at the last observation. */
  @Nullable Seen of(Pod pod) {
    return alive.get(key(pod));
  }

  /**
   * Returns the time of the first look since the last pause: whoever is in none since had ended by
   * then.
   */
  Instant begun() {
    return begun;
  }

  /** Returns the pods that went since the last call. */
  List<Gone> takeGone() {
    List<Gone> taken = List.copyOf(gone);
    gone.clear();
    return taken;
  }
}
