// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.mtlsmigration.plan.HookTargets;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes one call over HTTP. Blocking, for virtual threads; never throws for a receiver that is
 * down.
 *
 * <p>The name is resolved once, its address is judged, and exactly that address is connected to:
 * Vert.x takes the address to connect to separately from the name for Host, SNI and the certificate
 * check ({@code RequestOptions.setServer}). The JDK's client resolves a name once more by itself,
 * when it may have another address.
 */
final class HookClient implements AutoCloseable {

  /** The maximum number of addresses tried for one name. */
  private static final int ADDRESSES_TRIED = 3;

  /** The maximum number of 1xx answers before the final one. */
  private static final int INTERIM_ANSWERS = 10;

  private final HookOptions options;
  private final NameLookup names;
  private final HttpClient http;

  /** Of platform threads: a lookup of a name blocks the carrier of a virtual one. */
  private final ExecutorService calls =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("hook-call-", 0).factory());

  HookClient(HookOptions options, Vertx vertx, NameLookup names) {
    this.options = options;
    this.names = names;
    HttpClientOptions client =
        new HttpClientOptions()
            // A kept connection would be used for an address that was judged long ago.
            .setKeepAlive(false)
            .setMaxPoolSize(options.concurrency())
            .setConnectTimeout(millis(options.connectTimeout()))
            .setSslHandshakeTimeout(options.timeout().toMillis())
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setDecompressionSupported(false)
            .setVerifyHost(true);
    if (options.trust() != null) {
      client.setTrustOptions(options.trust());
    }
    if (options.identity() != null) {
      client.setKeyCertOptions(options.identity());
    }
    this.http = vertx.createHttpClient(client);
  }

  private static int millis(Duration duration) {
    return Math.clamp(duration.toMillis(), 1, Integer.MAX_VALUE);
  }

  /**
   * A request.
   *
   * @param headers content type and whatever is no secret
   * @param credentials headers, requested once an address may be called; throws {@link
   *     UncheckedIOException} when they cannot be read
   * @param masked what an answer must not show, beside the credentials, by any name
   */
  record Post(
      URI url,
      Map<String, String> headers,
      Supplier<Map<String, String>> credentials,
      Map<String, String> masked,
      Buffer body) {}

  /** Calls a hook. */
  Reply post(URI url, String id, byte[] body) throws InterruptedException {
    return post(
        new Post(
            url,
            Map.of("Content-Type", "application/json", "Idempotency-Key", '"' + id + '"'),
            () -> credentials(url),
            Map.of(),
            Buffer.buffer(body)));
  }

  Reply post(Post post) throws InterruptedException {
    Future<Reply> call = calls.submit(() -> made(post));
    try {
      return call.get(options.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return failed("has not answered within " + options.timeout().toMillis() + " ms");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      call.cancel(true);
    }
  }

  private Reply made(Post post) throws InterruptedException {
    URI url = post.url();
    Optional<String> named = options.targets().refusal(url);
    if (named.isPresent()) {
      return new Reply.Closed("is not called: it is " + named.get());
    }
    List<InetAddress> open = new ArrayList<>();
    String closed = "";
    try {
      List<InetAddress> addresses = names.addresses(literal(url.getHost()));
      Map<InetAddress, String> spared = spared(url);
      for (InetAddress address : addresses) {
        Optional<String> refusal = refusal(address, spared);
        if (refusal.isEmpty()) {
          open.add(address);
        } else if (closed.isEmpty()) {
          closed = address.getHostAddress() + " is " + refusal.get();
        }
      }
    } catch (UnknownHostException e) {
      return failed("its name is not known to DNS, or that of what must not be called at its port");
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("nobody waits any more"); // a lookup does not notice
    }
    if (open.isEmpty()) {
      return new Reply.Closed(
          "is not called: " + closed + "; mtls-migration.hooks.allow opens address ranges");
    }
    Map<String, String> credentials;
    try {
      credentials = post.credentials().get();
    } catch (UncheckedIOException e) {
      return failed(String.valueOf(e.getMessage()));
    }
    return first(open, post, credentials);
  }

  private Optional<String> refusal(InetAddress address, Map<InetAddress, String> spared) {
    HookTargets targets = options.targets();
    Optional<String> closed = targets.refusal(address);
    InetAddress meant = HookTargets.meant(address);
    if (closed.isPresent() || targets.opens(address) || targets.opens(meant)) {
      return closed;
    }
    return own(meant) ? Optional.of("the service itself") : Optional.ofNullable(spared.get(meant));
  }

  /**
   * Returns the current addresses of the service's dependencies that have the URL's port.
   *
   * @throws UnknownHostException when they cannot be resolved: then nothing is called at that port
   */
  private Map<InetAddress, String> spared(URI url) throws UnknownHostException {
    Map<InetAddress, String> spared = new HashMap<>();
    for (HookTargets.Needed needed : options.targets().needed(url)) {
      names
          .addresses(needed.host())
          .forEach(address -> spared.put(HookTargets.meant(address), needed.what()));
    }
    return spared;
  }

  /** Returns whether an address belongs to this pod. */
  private static boolean own(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return true; // it cannot be determined, so it may be one
    }
  }

  private Map<String, String> credentials(URI url) {
    for (HookReceiver receiver : options.receivers()) {
      if (receiver.covers(url)) {
        return receiver.credentials();
      }
    }
    return Map.of();
  }

  /** Tries the next address only when no connection was made, and never after one was. */
  private Reply first(List<InetAddress> open, Post post, Map<String, String> credentials)
      throws InterruptedException {
    Attempt attempt = new Attempt("", null);
    for (InetAddress address : open.subList(0, Math.min(open.size(), ADDRESSES_TRIED))) {
      attempt = connect(address, post, credentials);
      if (attempt.request() != null) {
        Map<String, String> secrets = new HashMap<>(post.masked());
        secrets.putAll(credentials);
        return exchange(attempt.request(), post.body(), secrets);
      }
    }
    return failed(attempt.problem());
  }

  private record Attempt(String problem, @Nullable HttpClientRequest request) {}

  private Attempt connect(InetAddress address, Post post, Map<String, String> credentials)
      throws InterruptedException {
    URI url = post.url();
    RequestOptions request =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            // By number only: an address that still has its name could be resolved again.
            .setServer(
                SocketAddress.inetSocketAddress(HookTargets.port(url), address.getHostAddress()))
            .setHost(url.getHost())
            .setPort(HookTargets.port(url))
            .setSsl(HookReceiver.secure(url))
            .setURI(
                HookReceiver.path(url) + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery()))
            .setFollowRedirects(false)
            .putHeader("Content-Length", Integer.toString(post.body().length()))
            .putHeader("Accept", "application/problem+json, application/json, text/plain")
            .putHeader("User-Agent", options.userAgent());
    post.headers().forEach(request::putHeader);
    credentials.forEach(request::putHeader);
    CompletableFuture<HttpClientRequest> connected =
        http.request(request).toCompletionStage().toCompletableFuture();
    try {
      return new Attempt("", connected.get());
    } catch (InterruptedException e) {
      var unused = connected.thenAccept(HttpClientRequest::reset);
      throw e;
    } catch (ExecutionException e) {
      return new Attempt("no connection to " + address.getHostAddress() + ": " + words(e), null);
    }
  }

  private Reply exchange(HttpClientRequest request, Buffer body, Map<String, String> secrets)
      throws InterruptedException {
    CompletableFuture<HookAnswer> answer = new CompletableFuture<>();
    // This runs on one of a few event loops, which the API uses too: it must not block for the
    // duration of the call.
    AtomicInteger interim = new AtomicInteger();
    Runnable counted =
        () -> {
          if (interim.incrementAndGet() > INTERIM_ANSWERS) {
            answer.completeExceptionally(
                new IOException("more than " + INTERIM_ANSWERS + " interim answers"));
            request.connection().close();
          }
        };
    request.earlyHintsHandler(headers -> counted.run());
    request.continueHandler(ignored -> counted.run());
    // Before it is sent: to whoever comes later a short answer is over before it can be read.
    request
        .response()
        .onFailure(answer::completeExceptionally)
        .onSuccess(response -> HookAnswer.read(response, answer));
    request.end(body).onFailure(answer::completeExceptionally);
    try {
      return answer.get().reply(secrets);
    } catch (ExecutionException e) {
      return failed("gave no answer: " + words(e));
    } finally {
      request.reset();
    }
  }

  private static Reply failed(String detail) {
    return new Reply.Failed(detail, null);
  }

  private static String words(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : HookAnswer.line(message);
  }

  private static String literal(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  @Override
  public void close() {
    calls.shutdownNow();
    http.close();
  }
}
