// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where hooks may lead, by address. Literals only: nothing is looked up. */
final class HookTargetsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          127.0.0.1               | loopback
          127.255.0.9             | loopback
          ::1                     | loopback
          0.0.0.0                 | unspecified
          0.1.2.3                 | unspecified
          ::                      | unspecified
          169.254.169.254         | link-local
          169.254.170.23          | link-local
          fe80::1                 | link-local
          febf::1                 | link-local
          224.0.0.1               | multicast
          ff02::1                 | multicast
          255.255.255.255         | reserved
          240.0.0.1               | reserved
          fd00:ec2::254           | credentials
          fd00:ec2::23            | credentials
          fd20:ce::254            | credentials
          100.100.100.200         | credentials
          168.63.129.16           | credentials
          192.0.0.192             | credentials
          ::ffff:127.0.0.1        | loopback
          ::ffff:169.254.169.254  | link-local
          ::127.0.0.1             | loopback
          64:ff9b::a9fe:a9fe      | link-local
          64:ff9b:1::7f00:1       | translated
          2002:7f00:1::           | loopback
          2002:a9fe:a9fe::1       | link-local
          fd00:c1::a9fe:a9fe      | credentials
          fd00:c1:1::a9fe:a9fe    | credentials
          ::ffff:0:a9fe:a9fe      | link-local
          ::ffff:0:127.0.0.1      | loopback
          2001:0:102:304::5601:5601 | Teredo
          2001::1                 | Teredo
          64:ff9b:1:fffe:a9:fea9:fe00:0 | translated
          64:ff9b:1::a9fe:a9fe    | translated
          2001:db8::5efe:a9fe:a9fe | link-local
          2001:db8::200:5efe:7f00:1 | loopback
          """)
  void closesWhatOnlyTheServiceReaches(String address, String kind) throws UnknownHostException {
    String refusal = HookTargets.PUBLIC.refusal(InetAddress.getByName(address)).orElse("");

    assertEquals(true, refusal.contains(kind), address + ": " + refusal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.96.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "100.64.0.9",
        "93.184.216.34",
        "fd12:3456::1",
        "fec0::1",
        "2001:db8::1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:4860:4860::8888",
        "2001:db8::5efe:a00:1",
        "::ffff:0:a00:1",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.1.1",
        "223.255.255.255"
      })
  void leavesOpenWhereServicesAre(String address) throws UnknownHostException {
    assertEquals("", HookTargets.PUBLIC.refusal(InetAddress.getByName(address)).orElse(""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          127.0.0.0/8     | 127.9.9.9       | open
          127.0.0.1       | 127.0.0.1       | open
          127.0.0.1       | 127.0.0.2       | closed
          127.0.0.0/8     | ::1             | closed
          ::1             | ::1             | open
          ::1             | 127.0.0.1       | closed
          169.254.7.0/24  | 169.254.7.1     | open
          169.254.7.0/24  | 169.254.169.254 | closed
          0.0.0.0/0       | 169.254.169.254 | open
          0.0.0.0/0       | fe80::1         | closed
          127.0.0.0/8     | 64:ff9b::7f00:1 | open
          ::ffff:127.0.0.1/128 | 127.0.0.1  | open
          """)
  void opensWhatConfigurationNames(String range, String address, String expected)
      throws UnknownHostException {
    HookTargets targets = HookTargets.allowing(List.of(range));

    String is = targets.refusal(InetAddress.getByName(address)).isEmpty() ? "open" : "closed";

    assertEquals(expected, is);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1/33", "::1/129", "10.0.0", "", "hooks.example/8"})
  void namesWhatIsNoRange(String range) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> HookTargets.allowing(List.of("10.0.0.0/8", range)));

    assertEquals(true, String.valueOf(e.getMessage()).startsWith("'" + range + "'"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"::1", "10.1.2.3"})
  void takesBlanksAroundARange(String address) throws UnknownHostException {
    HookTargets targets = HookTargets.allowing(List.of("10.0.0.0/8", " ::1 "));

    assertEquals(true, targets.refusal(InetAddress.getByName(address)).isEmpty());
  }
}
