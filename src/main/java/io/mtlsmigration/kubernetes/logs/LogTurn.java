package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A log, and when it was read last. Kept for as long as what it told is, for a line that is read
 * twice would count for somebody who was not read of. Used by one thread at a time.
 */
final class LogTurn {

  /** Plaintext, and what may be plaintext of nobody knows whom. */
  static final ProxyLog.Taker<PlaintextLine> PLAINTEXT =
      new ProxyLog.Taker<>() {
        @Override
        public Optional<PlaintextLine> take(LineFormat format, Instant at, String entry) {
          return format.plaintext(at, entry);
        }

        @Override
        public boolean missed(LineFormat format, String entry) {
          return format.doubtful(entry);
        }
      };

  final Pod proxy;
  final ProxyLog<PlaintextLine> log;

  /** A ztunnel writes that a connection has ended when the pod has, which nobody lists any more. */
  private static final Duration AFTER = Duration.ofMinutes(2);

  /** Those that it stood before. */
  final Set<WorkloadRef> servers = new HashSet<>();

  /** Those of late, by their addresses. */
  private final Map<String, Had> addresses = new HashMap<>();

  private record Had(WorkloadRef server, Instant at) {}

  /** When it was read last. */
  Instant last = Instant.MIN;

  /** When it was worth reading last. */
  Instant wanted;

  /** When its pod was missed first; null while it is there. */
  @Nullable Instant ended;

  /** Until when it may have written what nobody has read, since it ended. */
  Instant gap = Instant.MIN;

  private final Instant first;

  LogTurn(Pod proxy, ProxyLog<PlaintextLine> log, Instant now) {
    this.proxy = proxy;
    this.log = log;
    this.first = now;
    this.wanted = now;
  }

  void serves(Map<String, Pod> pods, Instant now) {
    pods.forEach(
        (ip, pod) -> {
          servers.add(pod.workload());
          addresses.put(ip, new Had(pod.workload(), now));
        });
    addresses.values().removeIf(had -> had.at.isBefore(now.minus(AFTER)));
  }

  /** Whose an address is, or was a moment ago; null for one of nobody who is asked about. */
  @Nullable WorkloadRef server(String ip) {
    Had had = addresses.get(ip);
    return had == null ? null : had.server;
  }

  /** What was written until then has been read. */
  Instant until() {
    Instant asOf = log.asOf();
    return asOf != null ? asOf : log.unborn() ? last : first;
  }
}
