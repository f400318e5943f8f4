// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.WorkloadRef;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DirectCallTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.7,10.0.0.7,0",
    "10.0.0.7:8080,10.0.0.7,8080",
    "[fd00::7]:8080,fd00::7,8080",
    "[fd00::7],fd00::7,0",
    "fd00::7,fd00::7,0",
    "[fd00::7,'',0",
    "10.0.0.7:http,10.0.0.7,0",
    "'','',0",
  })
  void readsAddressAndPort(String destination, String address, int port) {
    DirectCall call = new DirectCall(new WorkloadRef("foo", "Deployment", "curl"), destination, 1);

    assertEquals(address, call.address());
    assertEquals(port, call.port());
  }
}
