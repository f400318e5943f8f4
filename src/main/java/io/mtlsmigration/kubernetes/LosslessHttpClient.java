// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.OAuthTokenProvider;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.impl.KubernetesClientImpl;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * fabric8's client over Vert.x, with WebSockets that lose no first message.
 *
 * <p>fabric8 asks Vert.x for a WebSocket, and registers its listener with the answer (7.5 {@code
 * VertxHttpClient.buildWebSocketDirect}). When the asking thread loses its processor between the
 * two, the connection is open before anybody listens, and what the server has sent goes to nobody:
 * the first events of a watch, the first output of an exec. A watch goes on as if nothing had been
 * missed, and later events hide the gap for good. Here the connection's own event loop asks: it
 * receives nothing while it registers.
 */
public final class LosslessHttpClient implements HttpClient {

  /** RFC 6455, 7.4.1. */
  private static final int NORMAL_CLOSURE = 1000;

  private final HttpClient client;
  private final RequestConfig options;
  private final Origin origin;

  private LosslessHttpClient(HttpClient client, RequestConfig options, Origin origin) {
    this.client = client;
    this.options = options;
    this.origin = origin;
  }

  /**
   * What derived clients have in common.
   *
   * @param token reads a token that is old again, which then lasts for a while
   */
  private record Origin(Vertx vertx, Runnable token, Duration silence) {
    static Origin of(Config config, Vertx vertx, Duration silence) {
      OAuthTokenProvider tokens = config.getOauthTokenProvider();
      return new Origin(vertx, tokens == null ? () -> {} : tokens::getToken, silence);
    }

    WebSocket.Listener heard(WebSocket.Listener listener) {
      return silence.isZero() ? listener : new Heard(listener, this);
    }

    Hearing hearing(Runnable end) {
      return new Hearing(vertx, silence, end);
    }
  }

  /**
   * Returns a Kubernetes client; makes no call. It closes a WebSocket, or ends an answer that is
   * read as it comes, over which nothing has come for a while: a load balancer or a NAT that has
   * forgotten a connection closes nothing, fabric8 sends no pings over Vert.x, and the end of its
   * watches is ten minutes away. A watch is over HTTP, for good, once its first WebSocket has
   * failed.
   *
   * @param vertx the owner of the event loops, which the client does not close
   * @param silence after which, or after twice as long, it is closed; zero for never
   */
  public static KubernetesClient kubernetesClient(
      Config config, KubernetesSerialization serialization, Vertx vertx, Duration silence) {
    HttpClient http = new VertxHttpClientFactory(vertx).newBuilder(config).build();
    return new KubernetesClientImpl(
        new LosslessHttpClient(http, config.getRequestConfig(), Origin.of(config, vertx, silence)),
        config,
        null,
        serialization);
  }

  /**
   * Returns a builder whose WebSocket is asked for once: fabric8 would repeat it on another thread.
   */
  @Override
  public WebSocket.Builder newWebSocketBuilder() {
    RequestConfig once = new RequestConfigBuilder(options).withRequestRetryBackoffLimit(0).build();
    return new Opening(client.newBuilder().tag(once).build().newWebSocketBuilder());
  }

  @Override
  public DerivedClientBuilder newBuilder() {
    return new Derived(client.newBuilder());
  }

  @Override
  public HttpRequest.Builder newHttpRequestBuilder() {
    return client.newHttpRequestBuilder();
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, Class<T> type) {
    return client.sendAsync(request, type);
  }

  @Override
  public CompletableFuture<HttpResponse<AsyncBody>> consumeBytes(
      HttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    return origin.silence().isZero()
        ? client.consumeBytes(request, consumer)
        : heard(request, consumer);
  }

  private CompletableFuture<HttpResponse<AsyncBody>> heard(
      HttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    CompletableFuture<@Nullable Void> silent = new CompletableFuture<>();
    Hearing hearing = origin.hearing(() -> silent.complete(null));
    CompletableFuture<HttpResponse<AsyncBody>> call =
        client.consumeBytes(
            request,
            (bytes, body) -> {
              hearing.heard();
              consumer.consume(bytes, body);
            });
    var unused = silent.thenRun(() -> call.cancel(true));
    var unusedEnd =
        call.whenComplete(
            (answer, failure) -> {
              if (answer == null) {
                hearing.ended();
                return;
              }
              var unusedSilence = silent.thenRun(answer.body()::cancel);
              var unusedDone = answer.body().done().whenComplete((all, broken) -> hearing.ended());
            });
    return call;
  }

  @Override
  public boolean isClosed() {
    return client.isClosed();
  }

  @Override
  public void close() {
    client.close();
  }

  /** A WebSocket that is being asked for. */
  private final class Opening implements WebSocket.Builder {
    private final WebSocket.Builder request;

    Opening(WebSocket.Builder request) {
      this.request = request;
    }

    @Override
    public CompletableFuture<WebSocket> buildAsync(WebSocket.Listener listener) {
      CompletableFuture<WebSocket> opened = new CompletableFuture<>();
      try {
        // Before an event loop has to wait for it: a plugin may take its time.
        origin.token().run();
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
      origin
          .vertx()
          .runOnContext(
              now -> {
                try {
                  var unused =
                      request
                          .buildAsync(origin.heard(listener))
                          .whenComplete((socket, failure) -> complete(opened, socket, failure));
                } catch (RuntimeException | Error e) {
                  opened.completeExceptionally(e);
                }
              });
      return opened;
    }

    /** Hands over a socket, or closes one that nobody waits for any more. */
    private static void complete(
        CompletableFuture<WebSocket> opened,
        @Nullable WebSocket socket,
        @Nullable Throwable failure) {
      if (failure != null) {
        opened.completeExceptionally(failure);
      } else if (socket != null && !opened.complete(socket)) {
        socket.sendClose(NORMAL_CLOSURE, "");
      }
    }

    @Override
    public WebSocket.Builder subprotocol(String protocol) {
      request.subprotocol(protocol);
      return this;
    }

    @Override
    public WebSocket.Builder header(String name, String value) {
      request.header(name, value);
      return this;
    }

    @Override
    public WebSocket.Builder setHeader(String name, String value) {
      request.setHeader(name, value);
      return this;
    }

    @Override
    public WebSocket.Builder uri(URI uri) {
      request.uri(uri);
      return this;
    }

    @Override
    public WebSocket.Builder connectTimeout(long timeout, TimeUnit unit) {
      request.connectTimeout(timeout, unit);
      return this;
    }
  }

  /** Ends what is open when nothing is heard of it. */
  private static final class Hearing {
    private final Vertx vertx;
    private final long timer;
    private volatile boolean heard;

    Hearing(Vertx vertx, Duration silence, Runnable end) {
      this.vertx = vertx;
      this.timer = vertx.setPeriodic(silence.toMillis(), id -> look(id, end));
    }

    private void look(long id, Runnable end) {
      if (!heard) {
        vertx.cancelTimer(id);
        end.run();
      }
      heard = false;
    }

    void heard() {
      heard = true;
    }

    void ended() {
      vertx.cancelTimer(timer);
    }
  }

  /** Closes a WebSocket over which nothing comes. */
  private static final class Heard implements WebSocket.Listener {
    private final WebSocket.Listener listener;
    private final Origin origin;
    private volatile @Nullable Hearing hearing;

    Heard(WebSocket.Listener listener, Origin origin) {
      this.listener = listener;
      this.origin = origin;
    }

    @Override
    public void onOpen(WebSocket socket) {
      hearing = origin.hearing(() -> socket.sendClose(NORMAL_CLOSURE, ""));
      listener.onOpen(socket);
    }

    private void heard() {
      Hearing open = hearing;
      if (open != null) {
        open.heard();
      }
    }

    private void ended() {
      Hearing open = hearing;
      if (open != null) {
        open.ended();
      }
    }

    @Override
    public void onMessage(WebSocket socket, String text) {
      heard();
      listener.onMessage(socket, text);
    }

    @Override
    public void onMessage(WebSocket socket, ByteBuffer bytes) {
      heard();
      listener.onMessage(socket, bytes);
    }

    @Override
    public void onClose(WebSocket socket, int code, String reason) {
      ended();
      listener.onClose(socket, code, reason);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      ended();
      listener.onError(socket, error);
    }
  }

  /** A client derived from this one, which shares its connections. */
  private final class Derived implements DerivedClientBuilder {
    private final DerivedClientBuilder builder;
    private RequestConfig tagged = options;

    Derived(DerivedClientBuilder builder) {
      this.builder = builder;
    }

    @Override
    public HttpClient build() {
      return new LosslessHttpClient(builder.build(), tagged, origin);
    }

    @Override
    public DerivedClientBuilder addOrReplaceInterceptor(String name, Interceptor interceptor) {
      builder.addOrReplaceInterceptor(name, interceptor);
      return this;
    }

    @Override
    public DerivedClientBuilder authenticatorNone() {
      builder.authenticatorNone();
      return this;
    }

    @Override
    public DerivedClientBuilder tag(Object value) {
      builder.tag(value);
      if (value instanceof RequestConfig config) {
        tagged = config;
      }
      return this;
    }
  }
}
