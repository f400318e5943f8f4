// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that speaks at once, and threads that lose their processor. */
final class LosslessHttpClientTest {

  private final Vertx vertx = Vertx.vertx();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger refusals = new AtomicInteger();

  /** What the watches over HTTP get, in turn; the last one gets an event. */
  private final Queue<Consumer<HttpServerResponse>> silences = new ConcurrentLinkedQueue<>();

  private HttpServer server;

  @BeforeEach
  void begin() throws Exception {
    server =
        vertx
            .createHttpServer()
            .webSocketHandshakeHandler(
                handshake -> {
                  if (refusals.getAndDecrement() > 0) {
                    handshake.reject(503);
                  } else {
                    handshake.accept();
                  }
                })
            .webSocketHandler(
                socket -> {
                  socket.writeTextMessage("first");
                  socket.writeTextMessage("second");
                  socket.closeHandler(gone -> closed.countDown());
                })
            .requestHandler(this::watch)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, SECONDS);
  }

  @AfterEach
  void end() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, SECONDS);
  }

  /** As much happens meanwhile as a thread can miss that has asked, and has not listened yet. */
  @Test
  void missesNothingThatIsSentBeforeItListens() throws Exception {
    try (KubernetesClient client = client(late(vertx, Vertx.class))) {
      assertEquals("first", first(client.getHttpClient()));
      assertEquals("first", first(client.getHttpClient().newBuilder().tag("derived").build()));
    }
  }

  /** fabric8 would repeat it on a thread of its own, and an exec may have begun already. */
  @Test
  void asksOnce() throws Exception {
    refusals.set(1);
    try (KubernetesClient client = client(vertx)) {
      assertThrows(ExecutionException.class, () -> first(client.getHttpClient()));
      assertEquals("first", first(client.getHttpClient()));
    }
  }

  @Test
  void closesWhatNobodyWaitsForAnyMore() throws Exception {
    try (KubernetesClient client = client(vertx)) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch cancelled = new CountDownLatch(1);
      CompletableFuture<WebSocket> opening =
          opening(
              client.getHttpClient(),
              new WebSocket.Listener() {
                @Override
                public void onOpen(WebSocket socket) {
                  begun.countDown();
                  await(cancelled);
                }
              });
      await(begun);
      opening.cancel(false);
      cancelled.countDown();

      assertTrue(closed.await(10, SECONDS));
      assertFalse(client.getHttpClient().isClosed());
    }
  }

  /** A plugin may take seconds, in which one of a few event loops would serve nobody. */
  @Test
  void readsATokenThatIsOldAgainBesideTheEventLoops() throws Exception {
    AtomicLong nanos = new AtomicLong();
    List<Boolean> loops = new CopyOnWriteArrayList<>();
    RenewedToken token =
        new RenewedToken(
            "old",
            () -> {
              loops.add(Context.isOnEventLoopThread());
              return "new";
            },
            nanos::get);
    Config config = config();
    config.setOauthTokenProvider(token);
    try (KubernetesClient client =
        LosslessHttpClient.kubernetesClient(
            config, new KubernetesSerialization(), vertx, Duration.ZERO)) {
      nanos.addAndGet(SECONDS.toNanos(61));

      assertEquals("first", first(client.getHttpClient()));
    }

    assertEquals(List.of(false), loops);
  }

  /**
   * fabric8 goes on over HTTP, for good, when the first WebSocket of a watch fails: while the
   * server restarts, say.
   */
  @Test
  void beginsAWatchOverHttpAgainThatHasGoneSilent() throws Exception {
    refusals.set(1);
    silences.add(answer -> {});
    silences.add(answer -> answer.setChunked(true).writeHead());
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    try (KubernetesClient client =
            LosslessHttpClient.kubernetesClient(
                config(), new KubernetesSerialization(), vertx, Duration.ofMillis(300));
        Watch watch =
            client
                .configMaps()
                .inNamespace("foo")
                .watch(
                    new Watcher<>() {
                      @Override
                      public void eventReceived(Action action, ConfigMap object) {
                        received.add(object.getMetadata().getName());
                      }

                      @Override
                      public void onClose(WatcherException cause) {}
                    })) {
      assertNotNull(watch);
      assertEquals("seen", received.poll(20, SECONDS));
    }
  }

  private void watch(HttpServerRequest request) {
    Consumer<HttpServerResponse> silence = silences.poll();
    if (silence != null) {
      silence.accept(request.response());
      return;
    }
    request
        .response()
        .setChunked(true)
        .write(
            """
            {"type":"ADDED","object":{"kind":"ConfigMap","apiVersion":"v1",\
            "metadata":{"name":"seen","namespace":"foo","resourceVersion":"2"}}}
            """);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private KubernetesClient client(Vertx loops) {
    return LosslessHttpClient.kubernetesClient(
        config(), new KubernetesSerialization(), loops, Duration.ZERO);
  }

  private Config config() {
    return new ConfigBuilder()
        .withAutoConfigure(false)
        .withMasterUrl("http://127.0.0.1:" + server.actualPort())
        .build();
  }

  private String first(HttpClient http) throws Exception {
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    opening(
            http,
            new WebSocket.Listener() {
              @Override
              public void onMessage(WebSocket socket, String text) {
                received.add(text);
                socket.request();
              }
            })
        .get(10, SECONDS)
        .sendClose(1000, "");
    return received.poll(10, SECONDS);
  }

  private CompletableFuture<WebSocket> opening(HttpClient http, WebSocket.Listener listener) {
    return http.newWebSocketBuilder()
        .uri(URI.create("http://127.0.0.1:" + server.actualPort() + "/"))
        .buildAsync(listener);
  }

  /** Returns the same, but who asks for a WebSocket gets to the answer's handlers late. */
  private static <T> T late(T prompt, Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            LosslessHttpClientTest.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(prompt, arguments);
                if (method.getName().equals("webSocket")) {
                  Thread.sleep(300);
                }
                return answer instanceof io.vertx.core.http.HttpClient http
                    ? late(http, io.vertx.core.http.HttpClient.class)
                    : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
