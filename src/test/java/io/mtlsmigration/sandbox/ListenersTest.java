// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.testing.ManualClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ListenersTest {

  private static final Duration IDLE = Duration.ofSeconds(30);

  private final ManualClock clock = new ManualClock(Stage.START);
  private final Listeners listeners =
      new Listeners(clock, IDLE, 3, (socket, port) -> socket.getInputStream().read());

  @AfterEach
  void stop() {
    listeners.close();
  }

  private static ServerPort port(int number) {
    return new ServerPort("foo", "httpbin", number, PortProtocol.HTTP);
  }

  private InetSocketAddress use(int number) throws IOException {
    try (Listeners.Lease lease = listeners.lease(port(number))) {
      return lease.address();
    }
  }

  @Test
  void opensOneListenerForAPort() throws IOException {
    InetSocketAddress first = use(1);

    assertEquals(first, use(1));
    assertNotEquals(first, use(2));
    assertEquals(2, listeners.size());
  }

  @Test
  void closesWhatNobodyHasUsedForAWhile() throws IOException {
    use(1);
    clock.advance(IDLE);
    use(2);
    clock.advance(Duration.ofMillis(1));

    listeners.closeIdle();

    assertEquals(1, listeners.size());
  }

  @Test
  void keepsAListenerThatIsLeased() throws IOException {
    try (Listeners.Lease lease = listeners.lease(port(1))) {
      clock.advance(IDLE.multipliedBy(2));

      listeners.closeIdle();

      try (Socket socket = new Socket(lease.address().getAddress(), lease.address().getPort())) {
        assertTrue(socket.isConnected());
      }
    }
  }

  @Test
  void keepsAListenerWithAnOpenConnection() throws IOException {
    InetSocketAddress address = use(1);
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      clock.advance(IDLE.multipliedBy(2));
      await()
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() -> assertEquals(1, listeners.connections(port(1))));

      listeners.closeIdle();

      assertEquals(1, listeners.size());
      socket.getOutputStream().write(0);
    }
  }

  @Test
  void makesRoomByClosingWhatHasBeenIdleLongest() throws IOException {
    InetSocketAddress oldest = use(1);
    clock.advance(Duration.ofSeconds(1));
    use(2);
    clock.advance(Duration.ofSeconds(1));
    InetSocketAddress third = use(3);

    use(4);

    assertEquals(3, listeners.size());
    assertEquals(third, use(3));
    // The kernel's end closes when the accepting thread has noticed.
    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(
            () ->
                assertThrows(
                    IOException.class,
                    () -> new Socket(oldest.getAddress(), oldest.getPort()).close()));
  }

  @Test
  void takesNoMoreOnceClosed() {
    listeners.close();

    assertThrows(IOException.class, () -> listeners.lease(port(1)));
  }
}
