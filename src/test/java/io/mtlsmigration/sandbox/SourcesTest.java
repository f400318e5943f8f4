// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.Caller;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class SourcesTest {

  private static final CallSource CURL =
      CallSource.of(pod("curl").ip("10.9.8.7").build("foo"), true);

  private final ManualClock clock = new ManualClock(Stage.START);
  private final Sources sources = new Sources(clock);

  private static InetSocketAddress at(int port) {
    return new InetSocketAddress(Sources.loopback(), port);
  }

  @Test
  void knowsWhoCallsBeforeTheConnectionIsMade() throws IOException {
    try (Socket socket = sources.open(CURL)) {
      assertEquals(CURL, sources.at(at(socket.getLocalPort())));
    }
  }

  @Test
  void knowsACallerForAWhileAfterItHasGone() throws IOException {
    int port = closedPort();
    clock.advance(Duration.ofSeconds(10));

    sources.forgetOld();

    assertEquals(CURL, sources.at(at(port)));
  }

  @Test
  void forgetsACallerThatHasGone() throws IOException {
    int port = closedPort();
    clock.advance(Duration.ofSeconds(11));

    sources.forgetOld();

    Caller stranger = new Caller(null, Sources.loopback().getHostAddress());
    assertEquals(new CallSource(stranger, false), sources.at(at(port)));
  }

  @Test
  void keepsACallerThatStays() throws IOException {
    try (Socket socket = sources.open(CURL)) {
      clock.advance(Duration.ofHours(1));

      sources.forgetOld();

      assertEquals(CURL, sources.at(at(socket.getLocalPort())));
    }
  }

  private int closedPort() throws IOException {
    try (Socket socket = sources.open(CURL)) {
      int port = socket.getLocalPort();
      sources.closed(port);
      return port;
    }
  }
}
