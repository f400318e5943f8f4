// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.ExecListener;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A command in a container, with its bounded output and its end. Closing the connection does not
 * end the command, it only makes its next write fail; so a command has to end by itself.
 */
final class Execution {

  /**
   * The end of a run.
   *
   * @param code of the command; -1 when unknown
   * @param complaints its standard error, and the kubelet's message
   */
  record Run(BoundedBuffer printed, End end, int code, String complaints) {

    /** The exit code of timeout when it has ended tcpdump (busybox's returns tcpdump's own 0). */
    private static final int IN_TIME = 124;

    boolean died() {
      return end == End.EXITED && code != 0 && code != IN_TIME;
    }
  }

  /** The limit of standard error in bytes; enough for messages of tcpdump and sudo. */
  private static final int MOST_COMPLAINTS = 8 << 10;

  /** The client's value for an unknown exit code. */
  private static final int UNKNOWN = -1;

  private final BoundedBuffer printed;
  private final BoundedBuffer complained = new BoundedBuffer(MOST_COMPLAINTS);
  private final CompletableFuture<String> kubelet = new CompletableFuture<>();
  private End end = End.TIME;
  private int code = UNKNOWN;

  private Execution(int mostBytes) {
    this.printed = new BoundedBuffer(mostBytes);
  }

  /** The reason for its end. */
  enum End {
    EXITED,
    /** The output reached its limit. */
    FULL,
    TIME
  }

  /**
   * Runs a command.
   *
   * @throws KubernetesClientException when it cannot be started, or the connection is lost
   */
  static Execution run(
      KubernetesClient client, Pod pod, String container, List<String> words, Bounds bounds)
      throws InterruptedException {
    Execution execution = new Execution(bounds.mostBytes());
    try (ExecWatch watch =
        client
            .pods()
            .inNamespace(pod.getMetadata().getNamespace())
            .withName(pod.getMetadata().getName())
            .inContainer(container)
            .withReadyWaitTimeout(0) // a pod that is not ready can be captured, too
            .writingOutput(execution.printed)
            .writingError(execution.complained)
            .usingListener(execution.listener())
            .exec(words.toArray(String[]::new))) {
      execution.await(watch, bounds.limit());
    }
    return execution;
  }

  /** The limits of the duration, and of the output that is kept. */
  record Bounds(Duration limit, int mostBytes) {}

  private ExecListener listener() {
    return new ExecListener() {
      @Override
      public void onClose(int code, String reason) {
        // The exit code's future completes.
      }

      @Override
      public void onExit(int code, Status status) {
        String message = status == null ? null : status.getMessage();
        kubelet.complete(message == null ? "" : message);
      }
    };
  }

  private void await(ExecWatch watch, Duration limit) throws InterruptedException {
    CompletableFuture<Integer> exit = watch.exitCode();
    try {
      CompletableFuture.anyOf(exit, printed.full()).get(limit.toMillis(), TimeUnit.MILLISECONDS);
      end = printed.full().isDone() ? End.FULL : End.EXITED;
      code = Objects.requireNonNullElse(exit.getNow(UNKNOWN), UNKNOWN);
    } catch (TimeoutException e) {
      end = End.TIME;
    } catch (ExecutionException e) {
      throw KubernetesClientException.launderThrowable(e.getCause());
    }
  }

  Run ended() {
    return new Run(printed, end, code, complaints());
  }

  /** Returns its standard error and the kubelet's message; may be empty. */
  String complaints() {
    String stderr = new String(complained.toByteArray(), StandardCharsets.UTF_8);
    return (stderr + "\n" + kubelet.getNow("")).strip();
  }
}
