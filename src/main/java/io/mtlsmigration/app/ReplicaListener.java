// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.access.AuthMode;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The port on which this replica answers the others while it leads: the API with all its filters,
 * by TLS with a {@link ReplicaKey}. Callers are authenticated by their own token as everywhere, so
 * nothing depends on which replica forwards it.
 */
@Singleton
final class ReplicaListener {

  private static final int MOST_CONNECTIONS = 500;

  /** Longer than the others keep an unused connection (30 s). */
  private static final int IDLE_SECONDS = 60;

  /** The limit of a head that a replica writes anew, with names and values encoded. */
  private static final int LONGEST_HEAD = 32 << 10;

  private final Vertx vertx;
  private final Clock clock;
  private final AuthMode mode;
  private final AtomicInteger connections = new AtomicInteger();

  ReplicaListener(Vertx vertx, Clock clock, AuthMode mode) {
    this.vertx = vertx;
    this.clock = clock;
    this.mode = mode;
  }

  /**
   * Starts listening.
   *
   * @param address {@code https://HOST:PORT}; port 0 for any free port
   * @return the address to publish
   * @throws ConfigurationException when the address is invalid, or cannot be listened on
   */
  ReplicaAddress open(String address) {
    URI uri = parsed(address);
    String host = uri.getHost();
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    if (mode == AuthMode.NONE && !AccessCheck.isLoopback(bare)) {
      throw refused(address, "mtls-migration.auth.mode=none is for loopback only");
    }
    ReplicaKey key = new ReplicaKey(bare, clock);
    try {
      int port =
          vertx
              .createHttpServer(options(key))
              .connectionHandler(
                  connection -> {
                    connection.closeHandler(end -> connections.decrementAndGet());
                    if (connections.incrementAndGet() > MOST_CONNECTIONS) {
                      connection.close();
                    }
                  })
              .requestHandler(VertxHttpRecorder.getRootHandler())
              .listen(uri.getPort(), bare)
              .toCompletionStage()
              .toCompletableFuture()
              .join()
              .actualPort();
      return new ReplicaAddress(host + ":" + port, key.certificate());
    } catch (CompletionException e) {
      throw refused(address, "it cannot be listened on: " + e.getCause());
    }
  }

  private static URI parsed(String address) {
    try {
      URI uri = new URI(address);
      if ("https".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() >= 0) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Reported like any other invalid address.
    }
    throw refused(address, "expected is https://HOST:PORT");
  }

  static HttpServerOptions options(ReplicaKey key) {
    String password = UUID.randomUUID().toString();
    return new HttpServerOptions()
        .setSsl(true)
        .setEnabledSecureTransportProtocols(Set.of(ReplicaKey.TLS))
        .setKeyCertOptions(
            new PfxOptions().setValue(Buffer.buffer(key.store(password))).setPassword(password))
        .setIdleTimeout(IDLE_SECONDS)
        .setMaxInitialLineLength(LONGEST_HEAD)
        .setMaxHeaderSize(LONGEST_HEAD);
  }

  private static ConfigurationException refused(String address, String why) {
    return new ConfigurationException("mtls-migration.cluster.address=" + address + ": " + why);
  }
}
