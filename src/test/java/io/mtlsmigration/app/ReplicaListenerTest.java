// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.access.AuthMode;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.Vertx;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReplicaListenerTest {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @ParameterizedTest
  @CsvSource({
    "NONE, https://0.0.0.0:0, for loopback only",
    "NONE, https://[::]:0, for loopback only",
    "KUBERNETES, http://127.0.0.1:0, https://HOST:PORT",
    "KUBERNETES, 127.0.0.1:0, https://HOST:PORT",
    "KUBERNETES, https://127.0.0.1, https://HOST:PORT",
    "KUBERNETES, no address, https://HOST:PORT",
    "KUBERNETES, https://192.0.2.1:0, cannot be listened on"
  })
  void doesNotListenWhereItMustNotOrCannot(AuthMode mode, String address, String why) {
    ReplicaListener listener = new ReplicaListener(vertx, Clock.systemUTC(), mode);

    String message =
        assertThrows(ConfigurationException.class, () -> listener.open(address)).getMessage();

    assertTrue(message.startsWith("mtls-migration.cluster.address=" + address + ": "), message);
    assertTrue(message.contains(why), message);
  }

  @Test
  void tellsThePortAndItsKey() {
    ReplicaListener listener = new ReplicaListener(vertx, Clock.systemUTC(), AuthMode.NONE);

    ReplicaAddress one = listener.open("https://127.0.0.1:0");
    ReplicaAddress other = listener.open("https://127.0.0.1:0");

    assertTrue(one.authority().matches("127\\.0\\.0\\.1:[1-9][0-9]+"), one.authority());
    assertNotEquals(one.certificate(), other.certificate());
    assertEquals(one, ReplicaAddress.read(one.published()).orElseThrow());
  }
}
