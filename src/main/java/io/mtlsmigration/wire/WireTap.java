// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import io.mtlsmigration.mesh.Pod;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Port: captures what arrives at a pod, outside its proxy. Between proxy and application there is
 * plaintext in every mesh; an adapter that captured there too would report it wrongly. Blocking;
 * called from virtual threads.
 */
public interface WireTap {

  /**
   * Captures for a while. Ends within {@code bounds} and a few seconds; never throws for a capture
   * that is not possible.
   */
  Capture capture(Target target, Bounds bounds);

  /**
   * The target of a capture.
   *
   * @param ports container ports; never empty
   */
  record Target(Pod pod, SortedSet<Integer> ports) {
    public Target {
      ports = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(ports));
    }
  }

  /**
   * The bounds of a capture.
   *
   * @param packets packets that carry data, open or end a connection
   */
  record Bounds(Duration duration, int packets) {}

  /** The result of a capture. */
  sealed interface Capture {

    /**
     * The capture was taken, possibly without any call.
     *
     * @param sightings connections, in the order in which they began
     * @param packets number of examined packets
     * @param lost packets that matched and could not be examined
     */
    record Taken(List<Sighting> sightings, int packets, int lost, WireEnd end) implements Capture {
      public Taken {
        sightings = List.copyOf(sightings);
      }
    }

    /** The capture is not possible. */
    record NotPossible(WireFailure failure) implements Capture {
      public static NotPossible of(WireFailureCode code, String reason, String remedy) {
        return new NotPossible(new WireFailure(code, reason, remedy));
      }
    }
  }
}
