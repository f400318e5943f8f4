// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.access.AuditEntry;
import io.mtlsmigration.access.AuditLog;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AuditTrailTest {

  private final Vertx vertx = Vertx.vertx();
  private final List<AuditEntry> recorded = new CopyOnWriteArrayList<>();
  private final AuditTrail trail = new AuditTrail(new AuditLog(Clock.systemUTC(), recorded::add));
  private final CountDownLatch read = new CountDownLatch(1);

  @AfterEach
  void close() {
    read.countDown();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  /**
   * The thread that answers stands still, once the answer has left, until its caller has read it.
   */
  @Test
  void recordsACallOnceAndBeforeItsCallerHasTheAnswer() throws Exception {
    Router router = Router.router(vertx);
    router.route().blockingHandler(this::refuse);
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
    URI plans = URI.create("http://127.0.0.1:%d/api/v1/plans".formatted(server.actualPort()));

    try (HttpClient client = HttpClient.newHttpClient()) {
      client.send(HttpRequest.newBuilder(plans).build(), BodyHandlers.discarding());

      assertEquals(List.of(401), statuses());
      read.countDown();
      client.send(HttpRequest.newBuilder(plans).build(), BodyHandlers.discarding());
      assertEquals(List.of(401, 401), statuses());
    }
  }

  private void refuse(RoutingContext routing) {
    trail.follow(routing).answered(401, "UNAUTHENTICATED");
    routing.addEndHandler(end -> waitForTheReader());
    routing.response().setStatusCode(401).end();
  }

  private void waitForTheReader() {
    try {
      assertTrue(read.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Integer> statuses() {
    return recorded.stream().map(entry -> entry.result().status()).toList();
  }
}
