// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.wire.WireChecks;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs captures, which block for as long as they last. When the service stops they are interrupted
 * first: nobody could read their results later, and each is a process in somebody's pod.
 */
@Singleton
final class Captures implements Executor {

  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("wire-check-", 0).factory());

  @Override
  public void execute(Runnable capture) {
    try {
      threads.execute(capture);
    } catch (RejectedExecutionException e) {
      throw new WireChecks.BusyException("the service is stopping");
    }
  }

  void stop(@Observes ShutdownDelayInitiatedEvent stopping) {
    threads.shutdownNow();
  }
}
