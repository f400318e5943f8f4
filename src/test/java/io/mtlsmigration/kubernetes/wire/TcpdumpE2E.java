// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import static io.mtlsmigration.kubernetes.wire.CaptureFile.ACK;
import static io.mtlsmigration.kubernetes.wire.CaptureFile.FIN;
import static io.mtlsmigration.kubernetes.wire.CaptureFile.PSH;
import static io.mtlsmigration.kubernetes.wire.CaptureFile.RST;
import static io.mtlsmigration.kubernetes.wire.CaptureFile.SYN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.e2e.Programs;
import io.mtlsmigration.kubernetes.wire.CaptureFile.End;
import io.mtlsmigration.wire.WireEnd;
import io.mtlsmigration.wire.WireTap.Bounds;
import io.mtlsmigration.wire.WireTap.Capture;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the filter lets through, as the real tcpdump compiles it. */
final class TcpdumpE2E {

  private static final SortedSet<Integer> PORTS = new TreeSet<>(List.of(80, 8080));
  private static final List<String> ADDRESSES = List.of("10.244.0.4", "fd00:10:244::4");
  private static final byte[] NOTHING = {};
  private static final byte[] DATA = {1};

  @BeforeAll
  static void tcpdump() {
    Programs.need("tcpdump", "tcpdump");
  }

  static Stream<Arguments> segments() {
    List<Arguments> all = new ArrayList<>();
    all.addAll(segments("IPv4: ", "10.244.0.4", "10.244.0.8"));
    all.addAll(segments("IPv6: ", "fd00:10:244::4", "fd00:10:244::8"));
    return all.stream();
  }

  private static List<Arguments> segments(String family, String pod, String peer) {
    End server = new End(pod, 8080);
    End client = new End(peer, 40_000);
    return List.of(
        argumentSet(family + "opens", file().segment(client, server, SYN, 1, 0, NOTHING), 1),
        argumentSet(
            family + "carries data", file().segment(client, server, ACK | PSH, 1, 1, DATA), 1),
        argumentSet(family + "ends", file().segment(client, server, ACK | FIN, 1, 1, NOTHING), 1),
        argumentSet(family + "breaks off", file().segment(client, server, RST, 1, 0, NOTHING), 1),
        argumentSet(
            family + "only acknowledges", file().segment(client, server, ACK, 1, 1, NOTHING), 0),
        argumentSet(family + "is reset", file().segment(server, client, RST, 1, 0, NOTHING), 1),
        argumentSet(
            family + "is answered", file().segment(server, client, ACK | PSH, 1, 1, DATA), 0),
        argumentSet(
            family + "is let in", file().segment(server, client, SYN | ACK, 1, 1, NOTHING), 0),
        argumentSet(
            family + "goes to another of its ports",
            file().segment(client, new End(pod, 9090), SYN, 1, 0, NOTHING),
            0),
        argumentSet(
            family + "goes out to the same port elsewhere",
            file().segment(new End(pod, 40_001), new End(peer, 8080), SYN, 1, 0, NOTHING),
            0),
        argumentSet(
            family + "has no length",
            file().withoutLengths().segment(client, server, ACK | PSH, 1, 1, DATA),
            1),
        argumentSet(family + "is no TCP", file().datagram(peer, pod), 0));
  }

  private static CaptureFile file() {
    return CaptureFile.ofThisMachine();
  }

  @ParameterizedTest
  @MethodSource("segments")
  void letsThroughWhatTellsSomething(CaptureFile file, int expected)
      throws IOException, InterruptedException {
    Process tcpdump =
        new ProcessBuilder("tcpdump", "-r", "-", "-w", "-", Tcpdump.filter(ADDRESSES, PORTS))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (OutputStream in = tcpdump.getOutputStream()) {
      in.write(file.bytes());
    }
    byte[] through = tcpdump.getInputStream().readAllBytes();

    assertEquals(0, tcpdump.waitFor());
    assertEquals(expected, PcapReader.read(through, PORTS).packets());
  }

  /** Debian's tcpdump becomes another user once it listens, and dies where it may not. */
  @Test
  void listensWithTheRightsOfTheEphemeralContainer() throws IOException, InterruptedException {
    Programs.need("setpriv", "util-linux");
    Programs.needRoot("tcpdump listens on loopback");
    String rights =
        EphemeralTcpdump.container("any", "any")
            .getSecurityContext()
            .getCapabilities()
            .getAdd()
            .stream()
            .map(right -> ",+" + right.toLowerCase(Locale.ROOT))
            .collect(Collectors.joining("", "-all", ""));
    WireOptions loopback = new WireOptions("lo", 1 << 20, Optional.empty());
    Bounds second = new Bounds(Duration.ofSeconds(1), 10);
    List<String> command =
        new ArrayList<>(
            List.of("setpriv", "--no-new-privs", "--inh-caps=-all", "--bounding-set=" + rights));
    command.addAll(Tcpdump.command(loopback, List.of("127.9.9.2"), PORTS, second));

    Process tcpdump = new ProcessBuilder(command).start();
    // One that cannot be ended, for it is another user's, fails and does not hold the tests.
    CompletableFuture<Process> unused =
        tcpdump.onExit().orTimeout(20, TimeUnit.SECONDS).exceptionally(late -> ended(tcpdump));
    BoundedBuffer printed = new BoundedBuffer(1 << 20);
    tcpdump.getInputStream().transferTo(printed);
    String complaints = new String(tcpdump.getErrorStream().readAllBytes(), UTF_8);
    Execution.Run run =
        new Execution.Run(printed, Execution.End.EXITED, tcpdump.waitFor(), complaints);

    assertEquals(
        new Capture.Taken(List.of(), 0, 0, WireEnd.TIME),
        new CaptureReader(PORTS, second).read(run, "any", Duration.ofSeconds(2)));
  }

  private static Process ended(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    return process.destroyForcibly();
  }
}
