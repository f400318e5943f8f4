// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Calls the leader: few calls at once, each bounded in time and in the size of its answer. A
 * request is complete before it is sent, and is sent only to the holder of the key of the
 * certificate in the Lease.
 */
@Singleton
final class LeaderClient {

  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** The time limit for the whole answer. */
  private static final Duration ANSWER = Duration.ofSeconds(20);

  /**
   * Twice the largest answer, the matrix of ten thousand namespaces as text; 128 MB for all calls
   * together.
   */
  static final int MAX_ANSWER_BYTES = 8 << 20;

  static final int AT_ONCE = 16;

  /** The limit of one caller, so that it takes three to make all others wait. */
  static final int OF_ONE_CALLER = 6;

  private final CallPlaces places =
      new CallPlaces(
          new CallPlaces.Bound(AT_ONCE, 64),
          new CallPlaces.Bound(OF_ONE_CALLER, 16),
          Duration.ofSeconds(2));

  private @Nullable Route route;

  /** The connections to one leader; another one, or a restarted one, has another certificate. */
  private record Route(ReplicaAddress leader, HttpClient client) {}

  /**
   * Makes a call and waits for the answer.
   *
   * @param caller whose share the call uses
   * @param target path and query, encoded
   * @throws CallPlaces.Full when there is no slot for the call
   * @throws IOException when there is no whole answer in time
   */
  HttpResponse<byte[]> call(String caller, ReplicaAddress leader, String target, Request request)
      throws IOException, InterruptedException {
    return places.at(
        caller,
        () ->
            answer(client(leader).sendAsync(request.to(leader.at(target)), LeaderClient::bounded)));
  }

  private static HttpResponse<byte[]> answer(CompletableFuture<HttpResponse<byte[]>> call)
      throws IOException, InterruptedException {
    try {
      return call.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + ANSWER, e);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } finally {
      call.cancel(true);
    }
  }

  private synchronized HttpClient client(ReplicaAddress leader) throws IOException {
    Route known = route;
    if (known == null || !known.leader.equals(leader)) {
      SSLContext trust;
      try {
        trust = ReplicaKey.trusting(leader.certificate());
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        throw new IOException("no certificate in the Lease", e);
      }
      if (known != null) {
        known.client.shutdown();
      }
      known =
          new Route(
              leader,
              HttpClient.newBuilder()
                  .version(HttpClient.Version.HTTP_1_1)
                  .connectTimeout(CONNECT)
                  .followRedirects(HttpClient.Redirect.NEVER)
                  .sslContext(trust)
                  .build());
      route = known;
    }
    return known.client;
  }

  /** The request without its address. */
  interface Request {
    HttpRequest to(URI resource);
  }

  /** Returns a bounded subscriber; the leader sends each answer's length and never streams. */
  private static BodySubscriber<byte[]> bounded(HttpResponse.ResponseInfo head) {
    long length = head.headers().firstValueAsLong("Content-Length").orElse(Long.MAX_VALUE);
    if (length > MAX_ANSWER_BYTES) {
      throw new IllegalStateException("an answer of more than " + MAX_ANSWER_BYTES + " bytes");
    }
    return BodySubscribers.ofByteArray();
  }
}
