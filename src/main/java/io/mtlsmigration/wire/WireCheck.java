// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A wire check that somebody requested.
 *
 * @param pod the pod that is captured
 * @param ports in order
 */
public record WireCheck(
    String id,
    WireRequest request,
    WorkloadRef workload,
    String pod,
    List<Port> ports,
    Instant startedAt,
    Progress progress) {

  public WireCheck {
    ports = List.copyOf(ports);
  }

  WireCheck with(Progress next) {
    return new WireCheck(id, request, workload, pod, ports, startedAt, next);
  }

  /**
   * A port that is watched.
   *
   * @param bypassed true when the proxy does not see it: no policy protects it
   */
  public record Port(int port, boolean bypassed) {}

  /** The progress of a check. */
  public sealed interface Progress {

    /** The check is running. */
    record Running() implements Progress {}

    /**
     * The check has ended, with or without traffic.
     *
     * @param counts counts of all connections
     * @param connections in the order in which they began; of very many the worst
     */
    record Done(
        Instant endedAt,
        WireVerdict verdict,
        Seen seen,
        Map<WireSecurity, Integer> counts,
        List<Connection> connections)
        implements Progress {

      /** The number of connections that are kept per check. */
      private static final int KEPT = 500;

      private static final Comparator<Connection> WORST_FIRST =
          Comparator.comparing(WireVerdict::alone).thenComparing(Connection::at);

      public Done {
        counts = Collections.unmodifiableMap(new EnumMap<>(counts));
        connections = List.copyOf(connections);
      }

      static Done of(Instant endedAt, Seen seen, List<Connection> all) {
        Map<WireSecurity, Integer> counts = new EnumMap<>(WireSecurity.class);
        for (WireSecurity security : WireSecurity.values()) {
          counts.put(security, 0);
        }
        all.forEach(connection -> counts.merge(connection.security(), 1, Integer::sum));
        List<Connection> kept =
            all.stream()
                .sorted(WORST_FIRST)
                .limit(KEPT)
                .sorted(Comparator.comparing(Connection::at))
                .toList();
        return new Done(endedAt, WireVerdict.of(all, seen.lost()), seen, counts, kept);
      }
    }

    /**
     * The extent of a capture.
     *
     * @param lost packets that matched and could not be examined
     */
    record Seen(WireEnd end, int packets, int lost) {}

    /** Nothing could be captured. */
    record Failed(Instant endedAt, WireFailure failure) implements Progress {}
  }
}
