// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.mesh.AccessLogFormats;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.traffic.Refusals;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private static final String ACCEPTED =
      "[x] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1 0 \"-\" \"curl\" \"1\" \"httpbin\""
          + " \"10.244.0.4:8080\" inbound|8080|| 127.0.0.6:1 10.244.0.4:8080 10.244.0.7:44520 - -";

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

  /** The file that the next container began with is full by then, and another one is given out. */
  @ParameterizedTest
  @CsvSource({
    "1, 0, true", // two readings in a row
    "3, 1, false", // its end is seen while nothing can be read
    "3, 2, false", // or only when it can be again
    "60, 0, false", // nobody read for a while
  })
  void knowsWhatFollowsAContainerThatEndedIfItWasReadAllTheTime(
      int next, int failing, boolean known) {
    Map<Boolean, String> files = new HashMap<>(Map.of(false, line(-90, "ready") + line(0, "a")));
    ProxyLog<String> log =
        new ProxyLog<>(
            path -> {
              if (files.isEmpty()) {
                throw new KubernetesClientException("the kubelet does not answer");
              }
              return files.get(path.contains("previous=true"));
            },
            (format, at, entry) -> Optional.of(entry),
            true,
            POD,
            NOW.minusSeconds(60));
    assertEquals(List.of("a"), log.read(POD, FORMAT, NOW));
    assertEquals(NOW.minusSeconds(60), log.from());
    Pod again = sidecarPod("httpbin").ip("10.244.0.4").proxyRestarts(1).build("foo");
    if (failing > 0) {
      files.clear();
      log.read(failing > 1 ? POD : again, FORMAT, NOW.plusSeconds(1));
    }

    files.put(true, line(-90, "ready") + line(0, "a") + line(1, "b"));
    files.put(false, line(next, "d"));
    List<String> read = log.read(again, FORMAT, NOW.plusSeconds(next));

    assertEquals(failing == 1 ? List.of("d") : List.of("b", "d"), read);
    assertEquals(known ? NOW.minusSeconds(60) : NOW.plusSeconds(next), log.from());
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

  /** They are not read again. */
  @Test
  void losesNoLinesOfAReadingThatAnErrorEnds() {
    String first = line(1, "x".repeat(1_000)).repeat(1_100) + line(2, "last");
    AtomicInteger asked = new AtomicInteger();
    ProxyLog<String> log =
        new ProxyLog<>(
            path -> {
              if (asked.incrementAndGet() > 2) {
                throw new StackOverflowError();
              }
              return first;
            },
            (format, at, entry) -> Optional.of(entry),
            false,
            POD,
            NOW.minusSeconds(60));

    List<String> read = log.read(POD, FORMAT, NOW.plusSeconds(9));

    assertEquals("last", read.getLast());
    assertNotNull(log.failure(NOW.plusSeconds(9)));
  }

  @Test
  void takesTheTextOfAnErrorForNoLog() {
    String error = "unable to retrieve container logs for containerd://0815";
    ProxyLog<String> log =
        new ProxyLog<>(path -> error, (format, at, entry) -> Optional.of(entry), true, POD, NOW);

    for (int second = 0; second < 60; second += 2) {
      assertEquals(List.of(), log.read(POD, FORMAT, NOW.plusSeconds(second)));
      UnreadLog why = log.failure(NOW.plusSeconds(second));
      assertNotNull(why, "at " + second);
      assertTrue(why.detail().contains(error), why.detail());
    }
  }

  /** The log of one proxy as its kubelet gives it out: the lines from a second on. */
  private final StringBuilder file = new StringBuilder();

  private final ProxyLog<String> log =
      new ProxyLog<>(
          this::since, (format, at, entry) -> Optional.of(entry), false, POD, NOW.minusSeconds(60));

  private String since(String path) {
    String time = path.replaceAll(".*sinceTime=([^&]*)&.*", "$1");
    Instant since = Instant.parse(time).truncatedTo(ChronoUnit.SECONDS);
    int limit = Integer.parseInt(path.replaceAll(".*limitBytes=([0-9]*).*", "$1"));
    StringBuilder text = new StringBuilder();
    for (String line : file.toString().split("(?<=\n)", -1)) {
      if (RefusalLine.time(line).filter(at -> !at.isBefore(since)).isPresent()) {
        text.append(line);
      }
    }
    return text.substring(0, Math.min(limit, text.length()));
  }

  private List<String> readAt(int second) {
    return log.read(POD, FORMAT, NOW.plusSeconds(second));
  }

  /** Its agent has written as it started: that file is gone. */
  @Test
  void anEmptyFileOfAReadyProxyIsNotItsFirst() {
    Pod young = sidecarPod("httpbin").ip("10.244.0.4").createdAt(NOW.minusSeconds(30)).build("foo");
    ProxyLog<String> unready = follow(young);
    ProxyLog<String> ready = follow(young);

    unready.read(young, FORMAT, NOW.plusSeconds(1));
    ready.seen(young);
    ready.read(young, FORMAT, NOW.plusSeconds(1));

    assertEquals(Instant.EPOCH, unready.from());
    assertEquals(NOW.plusSeconds(1), ready.from());
    unready.seen(young);
    unready.read(young, FORMAT, NOW.plusSeconds(3));
    assertEquals(NOW.plusSeconds(3), unready.from(), "it wrote before it was ready");
    unready.read(young, FORMAT, NOW.plusSeconds(5));
    assertEquals(NOW.plusSeconds(3), unready.from(), "told once");
  }

  /** A busy proxy fills its first file within minutes; the next one begins with a connection. */
  @Test
  void aFileThatBeginsWithAConnectionIsNotTheFirst() {
    Pod young = sidecarPod("httpbin").ip("10.244.0.4").createdAt(NOW.minusSeconds(30)).build("foo");
    file.append(line(0, "2026-01-01T12:00:00.000000Z\tinfo\tFLAG: --concurrency=\"0\""));
    ProxyLog<String> whole = follow(young);
    whole.read(young, FORMAT, NOW.plusSeconds(9));
    file.setLength(0);
    file.append(line(1, ACCEPTED));
    ProxyLog<String> rotated = follow(young);
    rotated.read(young, FORMAT, NOW.plusSeconds(9));

    assertEquals(Instant.EPOCH, whole.from());
    assertEquals(NOW.plusSeconds(1), rotated.from());
  }

  /** A file that was empty when it was read may have been filled and replaced since. */
  @Test
  void aFileOfWhichNothingWasReadMayNotBeTheOneThatIsReadNext() {
    file.append(line(-90, "old")).append(line(1, ACCEPTED));
    readAt(2);
    file.setLength(0);
    readAt(4);
    assertEquals(NOW.plusSeconds(4), log.from());
    readAt(6);
    assertEquals(NOW.plusSeconds(4), log.from());
    file.append(line(8, "no connection"));
    readAt(9);

    assertEquals(NOW.plusSeconds(9), log.from());
    file.append(line(10, ACCEPTED));
    readAt(11);
    assertEquals(NOW.plusSeconds(9), log.from(), "told once");
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void anEmptyFileOfAYoungProxyIsFollowedByWhatItsAgentWrites(boolean agent) {
    Pod young = sidecarPod("httpbin").ip("10.244.0.4").createdAt(NOW.minusSeconds(30)).build("foo");
    ProxyLog<String> log = follow(young);
    log.read(young, FORMAT, NOW.plusSeconds(1));
    file.append(line(2, agent ? "2026-01-01T12:00:02Z\tinfo\tFLAG: --a=\"0\"" : ACCEPTED));
    file.append(line(3, ACCEPTED));

    log.read(young, FORMAT, NOW.plusSeconds(4));

    assertEquals(agent ? Instant.EPOCH : NOW.plusSeconds(4), log.from());
  }

  /** What was read before it counts all the same, so the gap would not be told later. */
  @Test
  void aFileWhoseHeadCannotBeReadIsNotKnownToBeTheFirst() {
    Pod young = sidecarPod("httpbin").ip("10.244.0.4").createdAt(NOW.minusSeconds(30)).build("foo");
    AtomicInteger heads = new AtomicInteger();
    ProxyLog<String> log =
        new ProxyLog<>(
            path -> {
              if (path.contains("sinceTime=1970") && heads.incrementAndGet() == 2) {
                throw new KubernetesClientException("the kubelet does not answer");
              }
              return since(path);
            },
            (format, at, entry) -> Optional.of(entry),
            false,
            young,
            NOW.minusSeconds(60));
    log.read(young, FORMAT, NOW.plusSeconds(1));
    file.append(line(2, "no connection"));

    assertEquals(List.of("no connection"), log.read(young, FORMAT, NOW.plusSeconds(4)));
    log.read(young, FORMAT, NOW.plusSeconds(6));
    assertEquals(2, heads.get());
    assertEquals(NOW.plusSeconds(4), log.from());
  }

  private ProxyLog<String> follow(Pod pod) {
    return new ProxyLog<>(
        this::since, (format, at, entry) -> Optional.of(entry), false, pod, NOW.minusSeconds(60));
  }

  @Test
  void readsWhatIsWrittenAfterAClockWasSetBackByMinutes() {
    file.append(line(180, "ahead"));
    List<String> before = readAt(1);
    file.append(line(2, "right"));
    List<String> then = readAt(3);
    file.append(line(4, "again"));

    assertEquals(List.of("ahead"), before);
    assertEquals(List.of("right"), then);
    assertEquals(List.of("again"), readAt(5));
    assertEquals(NOW.plusSeconds(5), log.asOf());
  }

  @Test
  void saysThatLinesAreMissingWhenALogWasRotatedAfterItsClockWasSetBack() {
    file.append(line(-90, "old")).append(line(180, "ahead"));
    readAt(1);
    file.setLength(0);
    file.append(line(2, "right"));

    assertEquals(List.of("right"), readAt(3));
    assertEquals(NOW.plusSeconds(3), log.from());
    assertEquals(List.of(), readAt(5));
  }

  @Test
  void readsEachLineOnceOfANodeWhoseClockIsAhead() {
    file.append(line(-90, "old")).append(line(180, "a"));
    List<String> first = readAt(1);
    file.append(line(182, "b"));

    assertEquals(List.of("a"), first);
    assertEquals(List.of("b"), readAt(3));
    assertEquals(List.of(), readAt(5));
    assertEquals(NOW.minusSeconds(60), log.from());
  }

  /** The connection to the kubelet broke, or the runtime has written a part of the line. */
  @Test
  void readsATornLineOnceItIsWhole() {
    file.append(line(-90, "old")).append(line(1, "a")).append(NOW.plusSeconds(2)).append(" ha");
    List<String> first = readAt(3);
    Instant known = log.asOf();
    file.append("lf\n");

    assertEquals(List.of("a"), first);
    assertEquals(NOW.plusSeconds(1), known);
    assertEquals(List.of("half"), readAt(5));
    assertEquals(NOW.plusSeconds(5), log.asOf());
    assertEquals(Map.of(), log.losses());
  }

  @Test
  void takesNoAnswerThatIsTornInItsFirstLineForAnotherFile() {
    file.append(line(-90, "old")).append(line(1, "a"));
    AtomicBoolean torn = new AtomicBoolean();
    ProxyLog<String> log =
        new ProxyLog<>(
            path -> since(path).substring(0, torn.get() ? 7 : since(path).length()),
            (format, at, entry) -> Optional.of(entry),
            false,
            POD,
            NOW.minusSeconds(60));
    log.read(POD, FORMAT, NOW.plusSeconds(3));
    torn.set(true);

    log.read(POD, FORMAT, NOW.plusSeconds(5));

    assertEquals(Map.of(), log.losses());
  }

  @Test
  void getsPastALineThatStaysTorn() {
    file.append(line(-90, "old")).append(line(1, "a")).append(NOW.plusSeconds(2)).append(" ha");
    for (int second = 3; second < 15; second += 2) {
      readAt(second);
    }
    file.append('\n').append(line(15, "b"));

    assertEquals(List.of("b"), readAt(17));
    assertEquals(NOW.plusSeconds(17), log.asOf());
    assertEquals(NOW.plusSeconds(2), log.from());
  }

  /** What a container writes may differ from what the one before it wrote. */
  @Test
  void doesNotTakeARestartedProxyToSpeakBecauseTheOneBeforeItDid() {
    String spoken =
        "{\"response_flags\":\"-\",\"response_code\":200,\"response_code_details\":"
            + "\"via_upstream\",\"downstream_remote_address\":\"10.0.0.1:1\","
            + "\"downstream_local_address\":\"10.244.0.4:8080\"}";
    file.append(line(-90, "old")).append(line(1, spoken));
    ProxyLog<String> log =
        new ProxyLog<>(
            this::since,
            (format, at, entry) -> Optional.of(entry),
            true,
            POD,
            NOW.minusSeconds(60));
    log.read(POD, FORMAT, NOW.plusSeconds(3));
    boolean before = log.speaks();
    file.setLength(0);
    file.append(line(4, "info"));

    log.read(
        sidecarPod("httpbin").ip("10.244.0.4").proxyRestarts(1).build("foo"),
        FORMAT,
        NOW.plusSeconds(5));

    assertEquals(List.of(true, false), List.of(before, log.speaks()));
  }
}
