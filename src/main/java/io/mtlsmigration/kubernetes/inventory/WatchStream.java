// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.http.WebSocketHandshakeException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The events of one watch, in order. It uses WebSockets, as fabric8's own watches do and as exec
 * requires; each message is an event.
 */
final class WatchStream implements AutoCloseable {

  /** RFC 6455, 7.4.1: the purpose of the connection has been fulfilled. */
  private static final int NORMAL_CLOSURE = 1000;

  private sealed interface Part {
    record Message(String text) implements Part {}

    /** The end; premature when there is a cause. */
    record End(Optional<IOException> cause) implements Part {}
  }

  private final BlockingQueue<Part> parts;
  private final WebSocket socket;

  private WatchStream(WebSocket socket, BlockingQueue<Part> parts) {
    this.socket = socket;
    this.parts = parts;
  }

  /**
   * Opens a watch.
   *
   * @throws ApiRefusal when the server refuses the watch
   */
  static WatchStream open(WebSocket.Builder request, Duration patience)
      throws IOException, InterruptedException {
    BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
    try {
      WebSocket socket =
          Answers.await(
              request.buildAsync(new Receiver(parts)),
              patience,
              late -> late.sendClose(NORMAL_CLOSURE, "too late"));
      return new WatchStream(socket, parts);
    } catch (WebSocketHandshakeException e) {
      throw new ApiRefusal(
          e.getResponse().code(), "the watch was refused: HTTP " + e.getResponse().code());
    }
  }

  /**
   * Returns the next event.
   *
   * @param patience the longest wait for an event
   * @return empty when the server has ended the watch in good order
   * @throws IOException when the connection broke, or was silent for longer
   */
  Optional<String> next(Duration patience) throws IOException, InterruptedException {
    return switch (parts.poll(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      case null ->
          throw new SocketTimeoutException(
              "the watch was silent for " + patience.toSeconds() + " s");
      case Part.Message(String text) -> {
        // One message is requested at a time: a slow reader slows the server down.
        socket.request();
        yield Optional.of(text);
      }
      case Part.End(Optional<IOException> cause) -> {
        if (cause.isPresent()) {
          throw cause.get();
        }
        yield Optional.empty();
      }
    };
  }

  @Override
  public void close() {
    socket.sendClose(NORMAL_CLOSURE, "");
    socket.request();
  }

  /** The listener that fabric8 calls, on a thread that must not block. */
  private static final class Receiver implements WebSocket.Listener {
    private final BlockingQueue<Part> parts;

    Receiver(BlockingQueue<Part> parts) {
      this.parts = parts;
    }

    @Override
    public void onMessage(WebSocket webSocket, String text) {
      parts.add(new Part.Message(text));
    }

    @Override
    public void onMessage(WebSocket webSocket, ByteBuffer bytes) {
      parts.add(new Part.Message(StandardCharsets.UTF_8.decode(bytes).toString()));
    }

    @Override
    public void onClose(WebSocket webSocket, int code, String reason) {
      parts.add(
          new Part.End(
              code == NORMAL_CLOSURE
                  ? Optional.empty()
                  : Optional.of(new IOException("the watch was closed: " + code + " " + reason))));
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
      parts.add(new Part.End(Optional.of(new IOException("the watch broke off", error))));
    }
  }
}
