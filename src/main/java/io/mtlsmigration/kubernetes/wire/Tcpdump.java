// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import io.mtlsmigration.wire.WireTap.Bounds;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Collectors;

/**
 * The capture command. It ends by itself: {@code timeout} stops it when nobody calls, since
 * tcpdump's own {@code -G} looks at the clock only when a packet arrives.
 */
final class Tcpdump {

  /**
   * The bytes captured of a packet. A ClientHello may take 1,800 bytes, in one segment where the
   * network's frames are large.
   */
  private static final int SNAPLEN = 2048;

  /**
   * Matches segments that open or end a connection: FIN, SYN, RST. Pure acknowledgements would fill
   * the capture.
   */
  private static final String V4_MATTERS =
      "(tcp[13] & 7 != 0 or ((ip[2:2] - ((ip[0] & 0xf) << 2)) - ((tcp[12] & 0xf0) >> 2)) != 0)";

  /** The same without extension headers; tcp[] supports IPv4 only (pcap-filter(7)). */
  private static final String V6_MATTERS =
      "(ip6[53] & 7 != 0 or (ip6[4:2] - ((ip6[52] & 0xf0) >> 2)) != 0)";

  private Tcpdump() {}

  /** Returns the command for root, or for a user with the capability to listen. */
  static List<String> command(
      WireOptions options, List<String> addresses, SortedSet<Integer> ports, Bounds bounds) {
    long seconds = bounds.duration().plusMillis(999).toSeconds();
    return List.of(
        "timeout",
        "-s",
        "INT", // tcpdump flushes its output and prints how many packets were lost
        Long.toString(seconds),
        "tcpdump",
        "-i",
        options.device(),
        "-p",
        "-n",
        "-U",
        "--immediate-mode", // otherwise the last second's packets stay in the kernel
        "-s",
        Integer.toString(SNAPLEN),
        "-c",
        Integer.toString(bounds.packets()),
        "-w",
        "-",
        filter(addresses, ports));
  }

  /** Returns the command through sudo, which Istio's image allows its user. */
  static List<String> withSudo(List<String> command) {
    List<String> all = new ArrayList<>(List.of("sudo", "-n"));
    all.addAll(command);
    return all;
  }

  /**
   * Returns the filter for segments that clients send to the ports, and resets that they get. It is
   * bound to the pod's own addresses, since the pod may call the same port elsewhere.
   */
  static String filter(List<String> addresses, SortedSet<Integer> ports) {
    return addresses.stream()
        .map(address -> filter(address, ports))
        .collect(Collectors.joining(" or "));
  }

  private static String filter(String address, SortedSet<Integer> ports) {
    boolean v6 = address.indexOf(':') >= 0;
    String in = any("tcp dst port ", ports);
    String out = any("tcp src port ", ports);
    return "(dst host %s and %s and %s) or (src host %s and %s and %s)"
        .formatted(
            address,
            in,
            v6 ? V6_MATTERS : V4_MATTERS,
            address,
            out,
            v6 ? "ip6[53] & 4 != 0" : "tcp[13] & 4 != 0");
  }

  private static String any(String what, SortedSet<Integer> ports) {
    return ports.stream().map(port -> what + port).collect(Collectors.joining(" or ", "(", ")"));
  }
}
