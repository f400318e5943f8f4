// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReplicaAddressTest {

  private static final String KEY = "0123456789-0123456789_0123456789abcdefghijk";

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.7", "[fd00::7]", "a-1.example"})
  void isReadAsItIsPublished(String host) {
    ReplicaAddress address = new ReplicaAddress(host + ":8443", KEY);

    assertEquals(Optional.of(address), ReplicaAddress.read(address.published()));
    assertEquals(URI.create("https://" + host + ":8443/api/v1/x?y=1"), address.at("/api/v1/x?y=1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "http://10.0.0.7:8080",
        "https://10.0.0.7:8443",
        "http://10.0.0.7:8443#" + KEY,
        "https://10.0.0.7#" + KEY,
        "https://a@10.0.0.7:8443#" + KEY,
        "https://10.0.0.7:8443@169.254.169.254:80#" + KEY,
        "https://10.0.0.7:8443/#" + KEY,
        "https://10.0.0.7:8443?x#" + KEY,
        "https://10.0.0.7:8443#" + KEY + "\n",
        "https://fd00::7:8443#" + KEY
      })
  void isNoneThatDoesNotNameAPlaceAndACertificate(String published) {
    assertEquals(Optional.empty(), ReplicaAddress.read(published));
  }
}
