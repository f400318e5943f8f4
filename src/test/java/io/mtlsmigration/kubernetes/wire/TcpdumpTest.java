package io.mtlsmigration.kubernetes.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.wire.WireTap.Bounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

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
  void isWhatTheAdmissionPolicyAllows() throws IOException {
    String policy = Files.readString(Path.of("k8s/base/admission.yaml"));
    int from = policy.indexOf("r'", policy.indexOf("- name: tcpdump"));
    Pattern shape = Pattern.compile(policy.substring(from + 2, policy.indexOf("'\n", from)));
    List<String> command =
        Tcpdump.command(
            OPTIONS,
            List.of("10.0.0.4", "fd00::4"),
            PORTS,
            new Bounds(Duration.ofMillis(2500), 50));

    assertEquals(18, command.size());
    assertTrue(shape.matcher(String.join(" ", command)).find());
    assertTrue(shape.matcher(String.join(" ", Tcpdump.withSudo(command))).find());
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
