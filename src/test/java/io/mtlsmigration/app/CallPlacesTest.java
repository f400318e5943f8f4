// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CallPlacesTest {

  private static final CallPlaces.Bound ALL = new CallPlaces.Bound(3, 1);
  private static final CallPlaces.Bound ONE = new CallPlaces.Bound(2, 1);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger atWork = new AtomicInteger();

  @AfterEach
  void stop() {
    end.countDown();
    threads.close();
  }

  /** A call that lasts until the end of the test. */
  private CompletableFuture<String> lasting(CallPlaces places, String caller) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return places.at(
                caller,
                () -> {
                  atWork.incrementAndGet();
                  end.await();
                  return "done";
                });
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        threads);
  }

  @Test
  void oneCallerLeavesPlacesToOthers() throws Exception {
    CallPlaces places = new CallPlaces(ALL, ONE, Duration.ofSeconds(20));
    List<CompletableFuture<String>> greedy = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      greedy.add(lasting(places, "greedy"));
    }
    await().until(() -> greedy.stream().filter(CompletableFuture::isDone).count() == 7);
    await().until(() -> atWork.get() == 2);

    assertEquals("other's", places.at("other", () -> "other's"));

    end.countDown();
    assertEquals(
        3,
        greedy.stream()
            .filter(call -> call.handle((done, failure) -> failure == null).join())
            .count());
  }

  @Test
  void saysOfWhomThereAreTooMany() throws Exception {
    CallPlaces places = new CallPlaces(ALL, ONE, Duration.ofMillis(50));
    List<CompletableFuture<String>> working = new ArrayList<>();
    working.add(lasting(places, "a"));
    working.add(lasting(places, "a"));
    await().until(() -> atWork.get() == 2);

    assertTrue(refusal(lasting(places, "a")).contains("of this caller"));

    working.add(lasting(places, "b"));
    await().until(() -> atWork.get() == 3);
    assertEquals("Too many calls wait for the leader", refusal(lasting(places, "c")));
    assertTrue(working.stream().noneMatch(CompletableFuture::isDone));
  }

  private static String refusal(CompletableFuture<String> call) {
    ExecutionException failed = assertThrows(ExecutionException.class, call::get);
    return assertInstanceOf(CallPlaces.Full.class, failed.getCause()).getMessage();
  }

  @Test
  void aPlaceIsFreeAgainWhateverCameOfTheCall() throws Exception {
    CallPlaces places =
        new CallPlaces(new CallPlaces.Bound(1, 0), new CallPlaces.Bound(1, 0), Duration.ZERO);
    for (int i = 0; i < 3; i++) {
      assertThrows(
          IllegalStateException.class,
          () ->
              places.at(
                  "a",
                  () -> {
                    throw new IllegalStateException();
                  }));
    }

    assertEquals("free", places.at("a", () -> "free"));
  }
}
