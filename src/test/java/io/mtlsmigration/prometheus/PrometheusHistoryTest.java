// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static io.mtlsmigration.prometheus.StubPrometheus.steps;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.Absent;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.SecuredCalls;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of Prometheus' answers over time, and of the lack of them. */
final class PrometheusHistoryTest {

  private static final Instant FROM = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration STEP = Duration.ofMinutes(5);
  private static final Duration REFRESH = Duration.ofSeconds(30);

  private final ManualClock clock = new ManualClock(FROM.plus(Duration.ofHours(1)));
  private StubPrometheus prometheus;
  private PrometheusHistory history;

  @BeforeEach
  void start() throws IOException {
    prometheus = new StubPrometheus();
    history = history(Absent.OWN_PROBES);
  }

  @AfterEach
  void stop() {
    history.close();
    prometheus.close();
  }

  private PrometheusHistory history(OwnProbes probes) {
    return new PrometheusHistory(
        PlainOptions.of(prometheus.url(), REFRESH),
        probes,
        clock,
        Duration.ofMinutes(1),
        Absent.METER);
  }

  /**
   * Values of steps that end 5, 10, 15 … minutes after the beginning; {@code null} leaves one out.
   */
  private static String values(@Nullable String... values) {
    return LongStream.range(0, values.length)
        .filter(i -> values[(int) i] != null)
        .mapToObj(i -> "[%d,\"%s\"]".formatted(end(i + 1).getEpochSecond(), values[(int) i]))
        .collect(Collectors.joining(","));
  }

  private static Instant end(long step) {
    return FROM.plus(STEP.multipliedBy(step));
  }

  private void watches() {
    prometheus.has(
        PromQuery.WATCHED,
        steps(
            LongStream.rangeClosed(-1, 20)
                .mapToObj(i -> "[%d,\"3\"]".formatted(end(i).getEpochSecond()))
                .collect(Collectors.joining(","))));
  }

  private void requests(String... series) {
    prometheus.has(PromQuery.REQUESTS_BY_SECURITY, series);
  }

  private static String policy(String name, @Nullable String... values) {
    return steps(values(values), "connection_security_policy", name);
  }

  private static SecuredCalls measured(Evidence<SecuredCalls> evidence) {
    return assertInstanceOf(Evidence.Measured.class, evidence).value() instanceof SecuredCalls calls
        ? calls
        : new SecuredCalls(-1, -1, -1);
  }

  private static Evidence.Reason reason(Evidence<SecuredCalls> evidence) {
    return assertInstanceOf(Evidence.Unavailable.class, evidence).reason();
  }

  @Test
  void tellsHowTheCallsOfEachStepWereSecured() {
    watches();
    requests(policy("mutual_tls", "90", "40"), policy("none", "10", null), policy("unknown", "5"));
    prometheus.has(PromQuery.CONNECTIONS_BY_SECURITY, policy("mutual_tls", "2"));

    List<Evidence<SecuredCalls>> told = history.read(FROM, STEP, 2);

    assertEquals(new SecuredCalls(92, 15, 0), measured(told.get(0)));
    assertEquals(new SecuredCalls(40, 0, 0), measured(told.get(1)));
  }

  @Test
  void doesNotTakeAStepWithoutACallForOneWithoutPlaintext() {
    watches();
    requests(policy("mutual_tls", "90", null, "40"));

    assertInstanceOf(Evidence.NoSamples.class, history.read(FROM, STEP, 3).get(1));
  }

  @Test
  void knowsNothingOfAStepInWhichNobodyListenedNorOfTheOneAfterIt() {
    prometheus.has(
        PromQuery.WATCHED,
        steps(
            "[%d,\"1\"],[%d,\"1\"],[%d,\"1\"],[%d,\"1\"]"
                .formatted(
                    end(0).getEpochSecond(),
                    end(1).getEpochSecond(),
                    end(3).getEpochSecond(),
                    end(4).getEpochSecond())));
    requests(policy("mutual_tls", "1", "2", "3000", "4"));

    List<Evidence<SecuredCalls>> told = history.read(FROM, STEP, 4);

    assertEquals(new SecuredCalls(1, 0, 0), measured(told.get(0)));
    assertEquals(Evidence.Reason.WINDOW_NOT_COVERED, reason(told.get(1)));
    assertEquals(Evidence.Reason.WINDOW_NOT_COVERED, reason(told.get(2)));
    assertEquals(new SecuredCalls(4, 0, 0), measured(told.get(3)));
  }

  @Test
  void saysThatTheLabelIsMissingWhereNoSeriesHasIt() {
    watches();
    requests(policy("", "7", "7"), policy("mutual_tls", null, "3"));

    List<Evidence<SecuredCalls>> told = history.read(FROM, STEP, 2);

    assertEquals(Evidence.Reason.LABEL_MISSING, reason(told.get(0)));
    assertEquals(new SecuredCalls(3, 0, 7), measured(told.get(1)));
  }

  /** Nothing is taken off: two callers hid in what was left of fifty probes. */
  @Test
  void ownProbesHideNobody() {
    watches();
    requests(policy("mutual_tls", "205.1", "105.1"), policy("none", "61", "52.3"));
    history.close();
    history = history(answering(new SecuredCalls(100, 50, 0)));

    List<Evidence<SecuredCalls>> told = history.read(FROM, STEP, 2);

    assertEquals(new SecuredCalls(206, 61, 0, 100, 50), measured(told.get(0)));
    assertEquals(new SecuredCalls(106, 53, 0, 100, 50), measured(told.get(1)));
  }

  private static OwnProbes answering(SecuredCalls each) {
    return new OwnProbes() {
      @Override
      public SecuredCalls answeredByAll(Instant from, Instant to) {
        return Duration.between(from, to).equals(STEP) ? each : new SecuredCalls(0, 0, 0);
      }

      @Override
      public boolean madeFrom(String address, int port, WorkloadRef server, Instant at) {
        return false;
      }
    };
  }

  @Test
  void knowsNothingWhilePrometheusIsDownAndAsksItNoMoreThanOnceInAWhile() {
    watches();
    requests(policy("mutual_tls", "9"));
    prometheus.failsWith(500);

    List<Evidence<SecuredCalls>> down = history.read(FROM, STEP, 1);
    List<Evidence<SecuredCalls>> again = history.read(FROM, STEP, 1);
    int asked = prometheus.requests.size();
    clock.advance(REFRESH);
    List<Evidence<SecuredCalls>> back = history.read(FROM, STEP, 1);

    assertEquals(Evidence.Reason.SOURCE_DOWN, reason(down.getFirst()));
    assertEquals(Evidence.Reason.SOURCE_DOWN, reason(again.getFirst()));
    assertEquals(1, asked);
    assertEquals(new SecuredCalls(9, 0, 0), measured(back.getFirst()));
  }

  @Test
  void asksForWhatIsLongPastOnce() {
    watches();
    requests(policy("mutual_tls", "9", "9"));
    history.read(FROM, STEP, 2);
    int asked = prometheus.requests.size();
    clock.advance(Duration.ofHours(1));

    history.read(FROM, STEP, 2);
    assertEquals(asked, prometheus.requests.size());
    history.read(FROM, STEP, 3);

    assertTrue(asked < prometheus.requests.size());
    assertEquals(
        Long.toString(end(3).getEpochSecond()), prometheus.requests.getLast().get("start"));
  }

  @Test
  void asksAgainForWhatHadOnlyJustEnded() {
    watches();
    requests(policy("mutual_tls", "9"));
    clock.set(end(1));
    history.read(FROM, STEP, 1);
    requests(policy("mutual_tls", "12"));
    clock.set(end(1).plus(REFRESH));

    assertEquals(new SecuredCalls(12, 0, 0), measured(history.read(FROM, STEP, 1).getFirst()));
  }
}
