// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.http.WebSocketHandshakeException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.mtlsmigration.text.TerminalText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Runs programs in containers and reports how they ended: {@code pods/exec} over WebSocket,
 * protocol {@code v4.channel.k8s.io} (k8s.io/apimachinery, pkg/util/remotecommand).
 *
 * <p>fabric8's own {@code exec} is not used: before each exec it lists and watches the pod until it
 * is ready, which makes three requests of one and needs two more RBAC verbs. No thread is held:
 * output is passed on by the client's event loop.
 */
final class PodExec implements AutoCloseable {

  private static final String PROTOCOL = "v4.channel.k8s.io";
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int STATUS = 3;
  private static final int NORMAL_CLOSURE = 1000;

  private static final String STOPPING = "the service is stopping";

  /** The maximum number of abandoned sessions; each holds a connection. */
  private static final int MOST_ABANDONED = 256;

  /**
   * The maximum output of one program in bytes. curl prints a body of 16 KiB per call, or, where
   * the length is unknown, what arrives in its time at 256 KiB a second. A program that prints more
   * is given up, also while only its end is awaited.
   */
  private static final long MOST_PRINTED = 4L << 20;

  /** The number of bytes kept of stderr and of a status. */
  private static final int MOST_TEXT = 8192;

  private final HttpClient http;
  private final URI api;
  private final KubernetesSerialization json;
  private final Set<Session> sessions = ConcurrentHashMap.newKeySet();

  /** The sessions that no caller waits for; their end is still awaited. */
  private final Queue<Session> abandoned = new ConcurrentLinkedQueue<>();

  /** The end of a program, or the reason why it could not be run to its end. */
  sealed interface Ending {

    /** The program's own exit code. */
    record Exited(int code, String stderr) implements Ending {}

    /**
     * The program was not run.
     *
     * @param httpStatus of the request; 0 when the failure came later, or there was no answer
     * @param certain false when the program may be running, or may still start: the request was
     *     made
     */
    record NotRun(int httpStatus, String reason, boolean certain) implements Ending {}

    /** The program had not ended in time; it may still be running. */
    record Overdue() implements Ending {}

    /** Returns whether the program has certainly ended, or will never start. */
    default boolean over() {
      return switch (this) {
        case Exited exited -> true;
        case NotRun not -> not.certain();
        case Overdue overdue -> false;
      };
    }
  }

  /** A container of a pod. */
  record Place(String namespace, String pod, String container) {}

  PodExec(KubernetesClient client) {
    this.http = client.getHttpClient();
    this.api = URI.create(client.getMasterUrl().toString());
    this.json = client.getKubernetesSerialization();
  }

  /**
   * Runs a program, without a shell and without input. Blocks for no longer than {@code timeout}.
   *
   * @param stdout receives the output as it arrives, on another thread; nothing once this method
   *     has returned
   * @param ended called when the program is known to have ended: the connection stays open for that
   *     after this method has returned, since a node that hangs may start it later
   */
  Ending run(
      Place place,
      List<String> arguments,
      Consumer<ByteBuffer> stdout,
      Duration timeout,
      Runnable ended) {
    return run(place, arguments, stdout, MOST_PRINTED, timeout, ended);
  }

  /**
   * The same with a limit of one's own.
   *
   * @param most maximum output in bytes
   */
  Ending run(
      Place place,
      List<String> arguments,
      Consumer<ByteBuffer> stdout,
      long most,
      Duration timeout,
      Runnable ended) {
    Session session = new Session(stdout, most);
    sessions.add(session);
    try {
      session.connecting =
          http.newWebSocketBuilder()
              .subprotocol(PROTOCOL)
              .uri(uri(place, arguments))
              // Later than the wait for its end: whoever is silent for that long is overdue.
              .connectTimeout(timeout.plusSeconds(1).toMillis(), TimeUnit.MILLISECONDS)
              .buildAsync(session)
              .whenComplete(session::connected);
      return session.ended.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new Ending.Overdue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Ending.NotRun(0, STOPPING, false);
    } catch (ExecutionException | CancellationException e) {
      return new Ending.NotRun(0, STOPPING, false);
    } finally {
      session.mute();
      abandon(session);
      var unused =
          session.ended.whenComplete(
              (ending, failure) -> {
                session.leave();
                sessions.remove(session);
                abandoned.remove(session);
                if (ending != null && ending.over()) {
                  ended.run();
                }
              });
    }
  }

  /** Abandons a session; when there are too many, the oldest is no longer awaited. */
  private void abandon(Session session) {
    if (session.ended.isDone()) {
      return;
    }
    abandoned.add(session);
    Session oldest = abandoned.size() > MOST_ABANDONED ? abandoned.poll() : null;
    if (oldest != null) {
      oldest.ended.cancel(false);
    }
  }

  private URI uri(Place place, List<String> arguments) {
    StringBuilder uri = new StringBuilder(api.toString());
    if (uri.charAt(uri.length() - 1) != '/') {
      uri.append('/');
    }
    uri.append("api/v1/namespaces/")
        .append(encoded(place.namespace()))
        .append("/pods/")
        .append(encoded(place.pod()))
        .append("/exec?stdout=true&stderr=true&container=")
        .append(encoded(place.container()));
    arguments.forEach(argument -> uri.append("&command=").append(encoded(argument)));
    return URI.create(uri.toString());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Ends all sessions. The client stays open; its owner closes it. */
  @Override
  public void close() {
    sessions.forEach(session -> session.ended.cancel(false));
  }

  /** One exec. Callbacks come one at a time, but on threads of the client's choice. */
  private final class Session implements WebSocket.Listener {
    private final CompletableFuture<Ending> ended = new CompletableFuture<>();
    private final Consumer<ByteBuffer> stdout;
    private final long most;
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private @Nullable CompletableFuture<WebSocket> connecting;
    private @Nullable WebSocket socket;
    private boolean left;
    private boolean muted;
    private long printed;

    /** Discards further output. */
    synchronized void mute() {
      muted = true;
    }

    Session(Consumer<ByteBuffer> stdout, long most) {
      this.stdout = stdout;
      this.most = most;
    }

    /** Closes the connection, also one that is still being made. */
    void leave() {
      WebSocket open;
      synchronized (this) {
        left = true;
        open = socket;
      }
      if (open != null) {
        open.sendClose(NORMAL_CLOSURE, "");
      } else if (connecting != null) {
        connecting.cancel(false);
      }
    }

    @Override
    public void onOpen(WebSocket opened) {
      boolean late;
      synchronized (this) {
        socket = opened;
        late = left;
      }
      if (late) {
        opened.sendClose(NORMAL_CLOSURE, "");
      }
    }

    @Override
    public void onMessage(WebSocket from, String text) {
      onMessage(from, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void onMessage(WebSocket from, ByteBuffer message) {
      if (message.hasRemaining()) {
        take(message.get(), message);
      }
      if (!over()) {
        from.request();
      }
    }

    private synchronized void take(int channel, ByteBuffer content) {
      if (left) {
        return;
      }
      printed += content.remaining();
      if (printed > most) {
        ended.complete(new Ending.NotRun(0, "it prints without end", false));
        return;
      }
      switch (channel) {
        case STDOUT -> {
          if (!muted) {
            stdout.accept(content);
          }
        }
        case STDERR -> keep(content);
        case STATUS -> ended.complete(ending(StandardCharsets.UTF_8.decode(content).toString()));
        default ->
            ended.complete(new Ending.NotRun(0, "the API server sent what is no exec", false));
      }
    }

    /** Returns whether the output is too long; the rest is not read. */
    private synchronized boolean over() {
      return printed > most;
    }

    private void keep(ByteBuffer content) {
      byte[] bytes = new byte[Math.min(content.remaining(), MOST_TEXT - stderr.size())];
      content.get(bytes);
      stderr.writeBytes(bytes);
    }

    private Ending ending(String text) {
      Status status;
      try {
        status = json.unmarshal(text, Status.class);
      } catch (RuntimeException e) {
        status = null;
      }
      if (status == null) {
        return new Ending.NotRun(0, "the status of the exec cannot be read", false);
      }
      if ("Success".equals(status.getStatus())) {
        return new Ending.Exited(0, stderr.toString(StandardCharsets.UTF_8));
      }
      Integer code = exitCode(status);
      return code == null
          ? notRun(brief(status.getMessage()))
          : new Ending.Exited(code, stderr.toString(StandardCharsets.UTF_8));
    }

    /**
     * Returns the result for a runtime's failure: one that gave up waiting may still start the
     * program, one that found no program will not.
     */
    private static Ending notRun(String reason) {
      return new Ending.NotRun(0, reason, missingProgram(reason));
    }

    /** Returns the exit code; null for a failure of the runtime, such as a missing program. */
    private static @Nullable Integer exitCode(Status status) {
      if (!"NonZeroExitCode".equals(status.getReason()) || status.getDetails() == null) {
        return null;
      }
      for (StatusCause cause : status.getDetails().getCauses()) {
        if ("ExitCode".equals(cause.getReason())) {
          try {
            return Integer.valueOf(cause.getMessage());
          } catch (NumberFormatException e) {
            return null;
          }
        }
      }
      return null;
    }

    @Override
    public void onClose(WebSocket from, int code, String reason) {
      ended.complete(
          new Ending.NotRun(0, "the connection was closed before the program had ended", false));
      from.sendClose(NORMAL_CLOSURE, "");
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      ended.complete(notRun(error));
    }

    /** Handles a connection that could not be made. */
    void connected(@Nullable WebSocket made, @Nullable Throwable error) {
      if (error != null) {
        ended.complete(notRun(error));
      }
    }

    private Ending notRun(Throwable error) {
      Throwable cause =
          error instanceof CompletionException && error.getCause() != null
              ? error.getCause()
              : error;
      if (cause instanceof WebSocketHandshakeException refused) {
        HttpResponse<?> response = refused.getResponse();
        boolean turnedDown = response.code() >= 400 && response.code() < 500;
        return new Ending.NotRun(response.code(), message(response), turnedDown);
      }
      return new Ending.NotRun(
          0, "the API server does not answer: " + brief(cause.toString()), unconnected(cause));
    }

    /** Returns whether there was no connection, and so no request. */
    private static boolean unconnected(Throwable error) {
      for (Throwable cause = error; cause != null; cause = cause.getCause()) {
        if (cause instanceof ConnectException
            || cause instanceof UnknownHostException
            || cause instanceof NoRouteToHostException
            || cause instanceof SSLHandshakeException) {
          return true;
        }
      }
      return false;
    }

    private String message(HttpResponse<?> response) {
      try {
        Status status = json.unmarshal(response.bodyString(), Status.class);
        if (status != null && status.getMessage() != null) {
          return brief(status.getMessage());
        }
      } catch (IOException | RuntimeException e) {
        // The status code has to suffice.
      }
      return "HTTP status " + response.code();
    }
  }

  /** Recognizes the messages of runc, crun and youki, through containerd or CRI-O. */
  static boolean missingProgram(String reason) {
    return reason.contains("executable file")
        || reason.contains("no such file or directory")
        || reason.contains("executable not found");
  }

  private static String brief(@Nullable String message) {
    String text = message == null || message.isBlank() ? "no reason given" : message;
    String line = TerminalText.line(text).strip();
    return line.length() <= 300 ? line : line.substring(0, 300) + "…";
  }
}
