// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Waits for fabric8's futures with a timeout. */
final class Answers {

  private Answers() {}

  /**
   * Waits for an answer.
   *
   * @param late closes an answer that arrives after the timeout
   */
  static <T> T await(CompletableFuture<T> answer, Duration patience, Consumer<T> late)
      throws IOException, InterruptedException {
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof IOException io) {
        throw io;
      }
      throw new IOException(String.valueOf(cause.getMessage()), cause);
    } catch (TimeoutException e) {
      leave(answer, late);
      SocketTimeoutException timeout =
          new SocketTimeoutException("no answer within " + patience.toSeconds() + " s");
      timeout.initCause(e);
      throw timeout;
    } catch (InterruptedException e) {
      leave(answer, late);
      throw e;
    }
  }

  private static <T> void leave(CompletableFuture<T> answer, Consumer<T> late) {
    // Cancelling fabric8's future may not end the call behind it; closing its result does.
    answer.thenAccept(late).exceptionally(e -> null);
    answer.cancel(true);
  }
}
