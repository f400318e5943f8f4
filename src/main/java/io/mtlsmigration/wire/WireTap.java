package io.mtlsmigration.wire;

import io.mtlsmigration.mesh.Pod;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Port: watches what arrives at a pod, outside its proxy. Between proxy and application there is
 * plaintext in every mesh; an adapter that listened there too would report it for what it is not.
 * Blocking; called from virtual threads.
 */
public interface WireTap {

  /**
   * Watches for a while. Ends within {@code bounds} and a few seconds; never throws for a capture
   * that is not possible.
   */
  Capture capture(Target target, Bounds bounds);

  /**
   * What to watch.
   *
   * @param ports container ports; never empty
   */
  record Target(Pod pod, SortedSet<Integer> ports) {
    public Target {
      ports = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(ports));
    }
  }

  /**
   * How long and how much.
   *
   * @param packets that carry data, open or end a connection
   */
  record Bounds(Duration duration, int packets) {}

  /** What came of it. */
  sealed interface Capture {

    /**
     * The capture was taken; nobody may have called meanwhile.
     *
     * @param sightings connections, in the order in which they began
     * @param packets how many were looked at
     * @param lost packets that matched and could not be looked at
     */
    record Taken(List<Sighting> sightings, int packets, int lost, WireEnd end) implements Capture {
      public Taken {
        sightings = List.copyOf(sightings);
      }
    }

    /** It cannot be taken. */
    record NotPossible(WireFailure failure) implements Capture {
      public static NotPossible of(WireFailureCode code, String reason, String remedy) {
        return new NotPossible(new WireFailure(code, reason, remedy));
      }
    }
  }
}
