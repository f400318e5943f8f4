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
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Kubernetes has told of pods since this process began to look: who came, who went, who got a
 * proxy, and whose proxy was started again. One small record a pod that is there.
 */
final class SeenPods {

  private final Map<String, Seen> alive = new HashMap<>();
  private final List<Gone> gone = new ArrayList<>();
  private boolean looked;

  /** One pod, as it was last looked at. */
  static final class Seen {
    final PodName name;
    final WorkloadRef workload;
    DataPlane dataPlane;

    /** Since when it is known to be captured; its creation where it was never seen without. */
    Instant captured;

    /** When its proxy was last found to be scraped; null when it never was. */
    @Nullable Instant scraped;

    @Nullable Duration uptime;
    int restarts;

    /** When its proxy was started again, as far as that is known. */
    @Nullable Instant restarted;

    /** Whether it has had an address: without one it took nothing. */
    boolean ran;

    private boolean there;

    Seen(Pod pod, Instant captured) {
      this.name = PodName.of(pod);
      this.workload = pod.workload();
      this.dataPlane = pod.dataPlane();
      this.captured = captured;
      this.restarts = pod.proxyRestarts();
    }

    /** Its proxy was scraped, and has been up for so long. */
    void scraped(Instant now, Duration up) {
      if ((uptime != null && up.compareTo(uptime) < 0) || (scraped == null && restarts > 0)) {
        restarted = now.minus(up);
      }
      scraped = now;
      uptime = up;
    }
  }

  /** A pod that went between two looks. */
  record Gone(Seen pod, Instant at) {}

  /** Looks at all pods. */
  void look(MeshSnapshot facts, Instant now) {
    alive.values().forEach(seen -> seen.there = false);
    for (NamespaceFacts namespace : facts.namespaces().values()) {
      for (Pod pod : namespace.pods()) {
        if (!pod.terminated()) {
          look(pod, now);
        }
      }
    }
    for (Iterator<Seen> all = alive.values().iterator(); all.hasNext(); ) {
      Seen seen = all.next();
      if (!seen.there) {
        all.remove();
        gone.add(new Gone(seen, now));
      }
    }
    looked = true;
  }

  private void look(Pod pod, Instant now) {
    Seen seen = alive.get(key(pod));
    if (seen == null) {
      // A sidecar is there from the beginning; redirection to ztunnel may have come at any time.
      boolean always = pod.dataPlane() != DataPlane.AMBIENT || looked;
      seen = new Seen(pod, always ? pod.createdAt() : now);
      alive.put(key(pod), seen);
    } else {
      if (seen.dataPlane != pod.dataPlane()) {
        seen.dataPlane = pod.dataPlane();
        seen.captured = now;
      }
      if (pod.proxyRestarts() > seen.restarts) {
        seen.restarts = pod.proxyRestarts();
        seen.restarted = now;
      }
    }
    seen.ran |= !pod.ip().isEmpty();
    seen.there = true;
  }

  private static String key(Pod pod) {
    return pod.uid().isEmpty() ? pod.namespace() + "/" + pod.name() : pod.uid();
  }

  /** Null for a pod that was not there at the last look. */
  @Nullable Seen of(Pod pod) {
    return alive.get(key(pod));
  }

  /** Those that went since this was asked last. */
  List<Gone> takeGone() {
    List<Gone> taken = List.copyOf(gone);
    gone.clear();
    return taken;
  }
}
