// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Listens where a leader would, and remembers what reached it. */
final class StandInLeader implements AutoCloseable {

  final List<HttpServerRequest> reached = new CopyOnWriteArrayList<>();
  final AtomicInteger connections = new AtomicInteger();
  volatile Consumer<HttpServerRequest> answers = request -> request.response().end("of the leader");

  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;

  private final String certificate;

  /** As a replica listens, with a key of its own. */
  static StandInLeader withKey() {
    ReplicaKey key = new ReplicaKey("127.0.0.1", Clock.systemUTC());
    return new StandInLeader(ReplicaListener.options(key), "127.0.0.1", key.certificate());
  }

  StandInLeader(HttpServerOptions options, String host) {
    this(options, host, "");
  }

  private StandInLeader(HttpServerOptions options, String host, String certificate) {
    this.certificate = certificate;
    this.server =
        vertx
            .createHttpServer(options)
            .connectionHandler(connection -> connections.incrementAndGet())
            .requestHandler(
                request -> {
                  reached.add(request);
                  answers.accept(request);
                });
    server.listen(0, host).toCompletionStage().toCompletableFuture().join();
  }

  ReplicaAddress address() {
    return new ReplicaAddress("127.0.0.1:" + port(), certificate);
  }

  int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
