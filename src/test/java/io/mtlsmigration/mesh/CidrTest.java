// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CidrTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.9.0/24, 10.0.9.7, true",
    "10.0.9.0/24, 10.0.10.7, false",
    "10.0.9.7, 10.0.9.7, true",
    "10.0.9.7, 10.0.9.8, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, fd00::1, false",
    "fd00::/64, fd00::5, true",
    "fd00::/64, fd00:0:0:1::5, false",
    "10.0.0.0/8, curl, false",
    "10.0.0.0/8, '', false",
    "10.0.0.0/8, 10.0.0.0/8, false",
  })
  void containsAddresses(String range, String address, boolean contained) {
    assertEquals(contained, Cidr.parse(range).orElseThrow().contains(address));
  }

  @ParameterizedTest
  @CsvSource({
    "fd00:0:0:0:0:0:0:7, fd00::7",
    "FD00::00A7, fd00::a7",
    "::ffff:10.0.0.7, 10.0.0.7",
    "::FFFF:a00:7, 10.0.0.7",
    "0:0:0:0:0:0:0:0, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "fd00:0:0:0:0:0:0:0, fd00::",
    "1:0:2:3:4:5:6:7, 1:0:2:3:4:5:6:7",
    "1:0:0:2:0:0:0:3, 1:0:0:2::3",
    "1:0:0:2:3:0:0:4, 1::2:3:0:0:4",
    "10.0.0.7, 10.0.0.7",
    "FD00::/8, FD00::/8",
    "fe80::1%eth0, fe80::1%eth0",
    "httpbin:8000, httpbin:8000",
    "'', ''",
  })
  void writesAddressesAsKubeletsDo(String text, String canonical) {
    assertEquals(canonical, Cidr.canonical(text));
  }

  @ParameterizedTest
  @CsvSource({
    "10.244.1.0/24, 10.244.1.0, true",
    "10.244.1.0/24, 10.244.1.1, true",
    "10.244.1.0/24, 10.244.1.2, false",
    "10.244.1.0/24, 10.244.2.1, false",
    "10.244.1.0/24, curl, false",
    "10.244.1.0/24, 10.244.1.0/24, false",
    "fd00::/64, fd00::1, true",
    "fd00::/64, fd00::2, false",
  })
  void beginsWithItsFirstTwoAddresses(String range, String address, boolean begins) {
    assertEquals(begins, Cidr.parse(range).orElseThrow().beginsWith(address));
  }
}
