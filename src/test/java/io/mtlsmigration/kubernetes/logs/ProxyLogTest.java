// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.mtlsmigration.mesh.AccessLogFormats;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.traffic.Refusals;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What one bad line, and one bad log, may do: nothing to the others. */
final class ProxyLogTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Pod POD = sidecarPod("httpbin").ip("10.244.0.4").build("foo");
  private static final LineFormat FORMAT =
      new EnvoyFormat(POD, EnvoyLayouts.of(AccessLogFormats.ISTIO));

  private static ProxyLog<String> log(String text) {
    return new ProxyLog<>(
        path -> text,
        (format, at, entry) -> {
          switch (entry) {
            case "deep" -> throw new StackOverflowError();
            case "odd" -> throw new IllegalStateException("odd");
            default -> {}
          }
          return Optional.of(entry);
        },
        false,
        POD,
        NOW.minusSeconds(60));
  }

  private static String line(int second, String entry) {
    return NOW.plusSeconds(second) + " " + entry + "\n";
  }

  @Test
  void readsOnAfterALineThatStopsItsReader() {
    ProxyLog<String> log =
        log(line(1, "a") + line(2, "odd") + line(3, "b") + line(4, "deep") + line(5, "c"));

    List<String> read = log.read(POD, FORMAT, NOW.plusSeconds(9));

    assertEquals(List.of("a", "b", "c"), read);
    assertEquals(NOW.plusSeconds(4), log.from(), "from where nothing is missing");
    assertNull(log.failure(NOW.plusSeconds(9)));
    assertEquals(List.of(), log.read(POD, FORMAT, NOW.plusSeconds(11)));
  }

  @Test
  void leavesALineOutThatIsTooLong() {
    ProxyLog<String> log =
        log(line(1, "a") + line(2, "x".repeat(ProxyLog.LONGEST_LINE + 1)) + line(3, "b"));

    assertEquals(List.of("a", "b"), log.read(POD, FORMAT, NOW.plusSeconds(9)));
  }

  @Test
  void failsAlone() {
    ProxyLog<String> good = log(line(1, "a"));
    ProxyLog<String> bad =
        new ProxyLog<>(
            path -> {
              throw new IllegalStateException("no such answer");
            },
            (format, at, entry) -> Optional.of(entry),
            false,
            POD,
            NOW);
    ProxyLog<String> worse =
        new ProxyLog<>(
            path -> {
              throw new StackOverflowError();
            },
            (format, at, entry) -> Optional.of(entry),
            false,
            POD,
            NOW);
    WatchedServers.Proxy proxy = new WatchedServers.Proxy(POD, FORMAT, Map.of());

    List<LogReaders.Found<String>> found =
        LogReaders.read(
            List.of(
                new LogReaders.Reading<>(proxy, bad),
                new LogReaders.Reading<>(proxy, worse),
                new LogReaders.Reading<>(proxy, good)),
            LogReaders::begin,
            NOW.plusSeconds(9));

    assertEquals(List.of("a"), found.stream().flatMap(one -> one.lines().stream()).toList());
    UnreadLog why = bad.failure(NOW.plusSeconds(9));
    assertNotNull(why);
    assertEquals(Refusals.Reason.SOURCE_DOWN, why.reason());
  }
}
