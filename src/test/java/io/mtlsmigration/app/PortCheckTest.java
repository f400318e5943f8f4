// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PortCheckTest {

  private static final String LOOPBACK = "127.0.0.1";

  @Test
  void namesTheKeyOfAPortThatIsTaken() throws IOException {
    int port;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();

      String problem = PortCheck.problem("quarkus.http", LOOPBACK, port).orElseThrow();

      assertTrue(problem.startsWith("quarkus.http.port=" + port + " cannot"), problem);
    }
    assertEquals(Optional.empty(), PortCheck.problem("quarkus.http", LOOPBACK, port));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1,       70000, quarkus.management.port=70000",
    "127.0.0.1,       -1,    quarkus.management.port=-1",
    "192.0.2.1,       9000,  quarkus.management.host=192.0.2.1",
    "no.such.invalid, 9000,  quarkus.management.host=no.such.invalid",
  })
  void namesTheKeyOfWhatIsNoPlaceToListen(String host, int port, String named) {
    String problem = PortCheck.problem("quarkus.management", host, port).orElseThrow();

    assertTrue(problem.contains(named), problem);
    assertEquals(1, problem.lines().count());
  }

  @Test
  void takesAnyPort() {
    assertEquals(Optional.empty(), PortCheck.problem("quarkus.http", LOOPBACK, 0));
  }
}
