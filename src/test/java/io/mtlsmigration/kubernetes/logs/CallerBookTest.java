// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.SeenCaller;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CallerBookTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final WorkloadRef SERVER = new WorkloadRef("foo", "Deployment", "httpbin");
  private static final Address TO = new Address("10.244.0.4", 8080);

  private final CallerBook book = new CallerBook(Duration.ofHours(25));

  private void call(WorkloadRef server, String from, Instant at) {
    PlaintextLine line = new PlaintextLine(at, new Address(from, 40_000), TO, true);
    book.add(server, new Caller(null, from), line, false);
  }

  private List<String> callers(WorkloadRef server) {
    return book.of(server, Instant.EPOCH, NOON.plus(Duration.ofDays(1))).stream()
        .map(seen -> seen.client().id())
        .toList();
  }

  private static WorkloadRef server(int number) {
    return new WorkloadRef("foo", "Deployment", "server-" + number);
  }

  @Test
  void tellsWhoCalledWithinATime() {
    call(SERVER, "10.9.9.1", NOON);
    call(SERVER, "10.9.9.1", NOON.plusSeconds(61));
    call(SERVER, "10.9.9.2", NOON.minusSeconds(600));

    assertEquals(
        List.of(
            new SeenCaller(
                new Caller(null, "10.9.9.1"), 8080, true, false, 2, NOON, NOON.plusSeconds(61))),
        book.of(SERVER, NOON.minusSeconds(60), NOON.plusSeconds(120)));
    assertEquals(List.of(), book.of(server(1), Instant.EPOCH, NOON));
  }

  @Test
  void forgetsWhoHasNotCalledForLong() {
    call(SERVER, "10.9.9.1", NOON);
    call(SERVER, "10.9.9.2", NOON.plusSeconds(60));

    book.forget(NOON.plusSeconds(1));

    assertEquals(List.of("10.9.9.2"), callers(SERVER));
  }

  @Test
  void aFloodOfOneServerLeavesTheOthers() {
    call(server(1), "10.9.9.9", NOON.minusSeconds(900));
    for (int i = 0; i <= CallerBook.OF_ONE_SERVER; i++) {
      call(SERVER, "10.1." + i / 256 + "." + i % 256, NOON.plusSeconds(i));
    }

    List<String> left = callers(SERVER);
    assertEquals(CallerBook.OF_ONE_SERVER, left.size());
    assertEquals(false, left.contains("10.1.0.0"));
    assertEquals(List.of("10.9.9.9"), callers(server(1)));
  }

  @Test
  void ordersByPortAndName() {
    for (String address : List.of("10.9.9.2", "10.9.9.1", "10.9.9.3")) {
      call(SERVER, address, NOON);
    }

    assertEquals(List.of("10.9.9.1", "10.9.9.2", "10.9.9.3"), callers(SERVER));
  }

  /** What was forgotten makes room. */
  @Test
  void countsWhatItHolds() {
    for (int round = 0; round < 3; round++) {
      Instant at = NOON.plusSeconds(round * 10L);
      book.forget(at);
      for (int i = 0; i < CallerBook.OF_ALL; i++) {
        call(server(i / 100), "10." + round + "." + i / 100 + "." + i % 100, at);
      }
      assertEquals(100, callers(server(0)).size());
    }
    for (int i = 0; i < 50; i++) {
      call(SERVER, "10.9.9." + i, NOON.plusSeconds(100));
    }

    assertEquals(50, callers(SERVER).size());
    int left = 0;
    for (int i = 0; i < CallerBook.OF_ALL / 100; i++) {
      left += callers(server(i)).size();
    }
    assertEquals(CallerBook.OF_ALL - 50, left);
  }

  /** Its callers have been silent for longer than all others; no plan is about either. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFloodOfOneNamespaceLeavesTheOthers(boolean planned) {
    book.keep(planned ? Set.of("noisy", "foo") : Set.of());
    call(SERVER, "10.9.9.9", NOON.minusSeconds(9000));
    for (int i = 0; i < 3 * CallerBook.OF_ALL; i++) {
      WorkloadRef server = new WorkloadRef("noisy", "Deployment", "server-" + i % 100);
      call(server, "10.1." + i / 256 + "." + i % 256, NOON.plusSeconds(i));
    }

    assertEquals(List.of("10.9.9.9"), callers(SERVER));
    assertEquals(Set.of("noisy"), lost());
  }

  private Set<String> lost() {
    return book.lost().keySet().stream().map(WorkloadRef::namespace).collect(Collectors.toSet());
  }

  @Test
  void holdsNoMoreThanItMay() {
    int servers = CallerBook.OF_ALL / 100 + 1;
    for (int server = 0; server < servers; server++) {
      for (int i = 0; i < 100; i++) {
        call(server(server), "10.1.0." + i, NOON.plusSeconds(server));
      }
    }

    assertEquals(List.of(), callers(server(0)));
    assertEquals(100, callers(server(1)).size());
    assertEquals(100, callers(server(servers - 1)).size());
  }
}
