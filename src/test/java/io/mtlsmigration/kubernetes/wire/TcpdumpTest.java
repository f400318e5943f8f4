// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.testing.ExecPolicy;
import io.mtlsmigration.wire.WireTap.Bounds;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line; what its filter lets through is shown by tcpdump itself, in TcpdumpE2E. */
final class TcpdumpTest {

  private static final WireOptions OPTIONS = new WireOptions("eth7", 1 << 20, Optional.empty());
  private static final SortedSet<Integer> PORTS = new TreeSet<>(List.of(80, 8080));

  @Test
  void isBoundInTimeAndPacketsAndWritesAsItGoes() {
    List<String> command =
        Tcpdump.command(
            OPTIONS, List.of("10.0.0.4"), PORTS, new Bounds(Duration.ofMillis(2500), 50));

    assertEquals(
        "timeout -s INT 3 tcpdump -i eth7 -p -n -U --immediate-mode -s 2048 -c 50 -w -",
        String.join(" ", command.subList(0, command.size() - 1)));
    assertEquals(Tcpdump.filter(List.of("10.0.0.4"), PORTS), command.getLast());
  }

  @Test
  void asksSudoForNoPassword() {
    assertEquals(List.of("sudo", "-n", "timeout", "1"), Tcpdump.withSudo(List.of("timeout", "1")));
  }

  /** {@code mtls-migration-exec} in {@code k8s/base} lets it through, as itself and with sudo. */
  @Test
  void isWhatTheAdmissionPolicyAllows() {
    ExecPolicy policy = ExecPolicy.read();
    List<String> command =
        Tcpdump.command(
            OPTIONS,
            List.of("10.0.0.4", "fd00::4"),
            PORTS,
            new Bounds(Duration.ofMillis(2500), 50));

    assertTrue(policy.allows(command));
    assertTrue(policy.allows(Tcpdump.withSudo(command)));
  }

  /** Arguments apart by a bar. With {@code -C1 -zsh} tcpdump runs a shell. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-s 65535|-c 5000|-w -|(tcp)|-C1|-zsh|-n",
        "-s|65535|-c|5000|-w|-|(tcp) -zsh",
        "-s|65535|-c|5000|-w|-|(tcp)|-zsh",
        "-s|65535|-c|5000|-w|-|-zsh",
        "-s|65535|-c|5000|-w -|(tcp)",
        "-s|65535|-c|5000|-w|/etc/passwd|(tcp)",
        "-s|65535|-c|5000|-w|-"
      })
  void isAllThatTheAdmissionPolicyAllows(String rest) {
    String begin = "timeout|-s|INT|60|tcpdump|-i|any|-p|-n|-U|--immediate-mode|";
    List<String> command = List.of((begin + rest).split("[|]"));

    // Within the filter nothing is an option.
    assertEquals(rest.endsWith("(tcp) -zsh"), ExecPolicy.read().allows(command));
  }

  @Test
  void looksAtEachAddressOfThePodAndNoOther() {
    String filter = Tcpdump.filter(List.of("10.0.0.4", "fd00::4"), PORTS);

    assertEquals(
        "(dst host 10.0.0.4 and (tcp dst port 80 or tcp dst port 8080) and (tcp[13] & 7 != 0 or"
            + " ((ip[2:2] - ((ip[0] & 0xf) << 2)) - ((tcp[12] & 0xf0) >> 2)) != 0))"
            + " or (src host 10.0.0.4 and (tcp src port 80 or tcp src port 8080) and"
            + " tcp[13] & 4 != 0)"
            + " or (dst host fd00::4 and (tcp dst port 80 or tcp dst port 8080) and"
            + " (ip6[53] & 7 != 0 or (ip6[4:2] - ((ip6[52] & 0xf0) >> 2)) != 0))"
            + " or (src host fd00::4 and (tcp src port 80 or tcp src port 8080) and"
            + " ip6[53] & 4 != 0)",
        filter);
  }
}
