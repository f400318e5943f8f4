// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.jboss.logging.Logger;

/** Reads several logs concurrently. */
final class LogReaders {

  private static final Logger LOG = Logger.getLogger(LogReaders.class);

  /** The number of logs that are read concurrently. */
  static final int AT_ONCE = 8;

  private LogReaders() {}

  static ExecutorService begin(int atOnce) {
    return Executors.newFixedThreadPool(
        atOnce, Thread.ofVirtual().name("pod-reader-", 0).factory());
  }

  record Reading<L>(WatchedServers.Proxy proxy, ProxyLog<L> log) {}

  /**
   * New lines of one log.
   *
   * @param after all earlier ones had been read by this time
   */
  record Found<L>(WatchedServers.Proxy proxy, Instant after, List<L> lines) {}

  /** What was written since each was read last. Blocking; without the rest when interrupted. */
  static <L> List<Found<L>> read(
      List<Reading<L>> readings, IntFunction<ExecutorService> threads, Instant now) {
    if (readings.isEmpty()) {
      return List.of();
    }
    List<Callable<Found<L>>> calls = new ArrayList<>();
    for (Reading<L> reading : readings) {
      WatchedServers.Proxy proxy = reading.proxy();
      Instant after = reading.log().caughtUp();
      calls.add(
          () -> new Found<>(proxy, after, reading.log().read(proxy.pod(), proxy.format(), now)));
    }
    List<Found<L>> found = new ArrayList<>();
    try (ExecutorService readers = threads.apply(AT_ONCE)) {
      for (Future<Found<L>> call : readers.invokeAll(calls)) {
        found(call).ifPresent(found::add);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return found;
  }

  /** Returns the lines of a log; empty when it fails, which affects no other log. */
  private static <L> Optional<Found<L>> found(Future<Found<L>> call) throws InterruptedException {
    try {
      return Optional.of(call.get());
    } catch (ExecutionException e) {
      LOG.errorf(e.getCause(), "an access log was not read");
      return Optional.empty();
    }
  }
}
