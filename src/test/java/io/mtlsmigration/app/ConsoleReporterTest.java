// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first line that people click. */
final class ConsoleReporterTest {

  @ParameterizedTest
  @CsvSource({
    "http, 127.0.0.1, 8080, http://127.0.0.1:8080",
    "http, 0.0.0.0, 8080, http://127.0.0.1:8080",
    "http, ::, 8080, http://[::1]:8080",
    "http, 0:0:0:0:0:0:0:0, 8080, http://[::1]:8080",
    "https, [::], 8443, https://[::1]:8443",
    "https, fd00::7, 8443, https://[fd00::7]:8443",
    "http, localhost, 41233, http://localhost:41233",
  })
  void printsAnAddressThatOpens(String scheme, String host, int port, String address) {
    assertEquals(address, ConsoleReporter.address(scheme, host, port));
    assertEquals(port, URI.create(address).getPort());
  }
}
