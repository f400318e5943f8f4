// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response as it arrives. A few buffers are requested in advance, so that the reader
 * need not wait for each; no more, so that a slow reader slows the server down.
 *
 * <p>fabric8's own InputStream copies byte by byte and waits for ever when a connection hangs.
 */
final class ResponseStream extends InputStream {

  private static final int BUFFERS_AHEAD = 8;

  /** An element of the stream: bytes, or the end. */
  private sealed interface Part {
    record Bytes(List<ByteBuffer> buffers) implements Part {}

    /** The end; premature when there is a cause. */
    record End(Optional<Throwable> cause) implements Part {}
  }

  private final BlockingQueue<Part> parts;
  private final HttpResponse<AsyncBody> response;
  private final Duration patience;
  private Optional<Part.End> end = Optional.empty();
  private List<ByteBuffer> current = List.of();

  private ResponseStream(
      HttpResponse<AsyncBody> response, BlockingQueue<Part> parts, Duration patience) {
    this.response = response;
    this.parts = parts;
    this.patience = patience;
  }

  /**
   * Sends a request.
   *
   * @param patience the longest silence of the server
   * @throws IOException when there is no answer; an error status is an answer
   */
  static ResponseStream open(HttpClient http, HttpRequest request, Duration patience)
      throws IOException, InterruptedException {
    BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
    CompletableFuture<HttpResponse<AsyncBody>> answer =
        http.consumeBytes(request, (buffers, body) -> parts.add(new Part.Bytes(buffers)));
    HttpResponse<AsyncBody> response = Answers.await(answer, patience, r -> r.body().cancel());
    AsyncBody body = response.body();
    var unused =
        body.done()
            .whenComplete((done, error) -> parts.add(new Part.End(Optional.ofNullable(error))));
    for (int i = 0; i < BUFFERS_AHEAD; i++) {
      body.consume();
    }
    return new ResponseStream(response, parts, patience);
  }

  int code() {
    return response.code();
  }

  boolean isSuccessful() {
    return response.isSuccessful();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer buffer = buffer();
    if (buffer == null) {
      return -1;
    }
    int count = Math.min(length, buffer.remaining());
    buffer.get(bytes, offset, count);
    return count;
  }

  private @Nullable ByteBuffer buffer() throws IOException {
    while (true) {
      for (ByteBuffer buffer : current) {
        if (buffer.hasRemaining()) {
          return buffer;
        }
      }
      if (end.isPresent()) {
        return atEnd(end.get());
      }
      switch (take()) {
        case Part.Bytes(List<ByteBuffer> buffers) -> {
          current = buffers;
          response.body().consume();
        }
        case Part.End last -> end = Optional.of(last);
      }
    }
  }

  private static @Nullable ByteBuffer atEnd(Part.End end) throws IOException {
    if (end.cause().isPresent()) {
      throw new IOException("the response broke off", end.cause().get());
    }
    return null;
  }

  private Part take() throws IOException {
    try {
      Part part = parts.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (part == null) {
        throw new SocketTimeoutException(
            "the API server was silent for " + patience.toSeconds() + " s");
      }
      return part;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /**
   * Aborts an unfinished response and its connection. A finished one must not be aborted: its
   * connection may carry another request by now, which would be lost.
   */
  @Override
  public void close() {
    if (end.isEmpty() && !response.body().done().isDone()) {
      response.body().cancel();
    }
  }
}
