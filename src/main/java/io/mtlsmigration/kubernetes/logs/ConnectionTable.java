// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.Pod;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The established connections of a pod at its sidecar, from the tables of its kernel (Linux, {@code
 * Documentation/networking/proc_net_tcp.rst}).
 *
 * @param clients the peers' ends of connections that iptables has redirected to the sidecar
 * @param ports the ports of the application at which the sidecar has connections open
 */
record ConnectionTable(List<Address> clients, Set<Integer> ports) {

  /** The port that Istio's iptables redirect inbound connections to. */
  private static final int INBOUND = 15006;

  /** The addresses that a sidecar calls its application from. */
  private static final Set<String> FROM_SIDECAR = Set.of("127.0.0.6", "::6");

  private static final String ESTABLISHED = "01";
  private static final int WORD = 4;
  private static final int IPV6 = 16;
  private static final int HEX = 16;

  /** The line that begins each table. */
  private static final Pattern HEAD = Pattern.compile(" +sl +local_address .*");

  private static final Pattern LINE =
      Pattern.compile(
          " *\\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})"
              + " ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) .*");

  ConnectionTable {
    clients = List.copyOf(clients);
    ports = Set.copyOf(ports);
  }

  /**
   * Reads the tables of a pod; empty for what is none. The kernel writes addresses in the order of
   * its processor's bytes, which the pod's own addresses tell.
   */
  static Optional<ConnectionTable> read(String text, Pod pod) {
    List<Address> clients = new ArrayList<>();
    Set<Integer> ports = new HashSet<>();
    boolean table = false;
    for (String line : text.lines().toList()) {
      if (HEAD.matcher(line).matches()) {
        table = true;
        continue;
      }
      Matcher row = LINE.matcher(line);
      if (!row.matches()) {
        return Optional.empty();
      }
      if (!row.group(5).equals(ESTABLISHED)) {
        continue;
      }
      for (boolean little : new boolean[] {true, false}) {
        Address local = address(row.group(1), row.group(2), little);
        Address peer = address(row.group(3), row.group(4), little);
        if (local.port() == INBOUND && pod.hasAddress(local.ip())) {
          clients.add(peer);
        } else if (FROM_SIDECAR.contains(local.ip()) && pod.hasAddress(peer.ip())) {
          ports.add(peer.port());
        }
      }
    }
    return table ? Optional.of(new ConnectionTable(clients, ports)) : Optional.empty();
  }

  private static Address address(String hex, String port, boolean little) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    for (int word = 0; little && word < bytes.length; word += WORD) {
      swap(bytes, word, word + 3);
      swap(bytes, word + 1, word + 2);
    }
    return new Address(NetUtil.bytesToIpAddress(unmapped(bytes)), Integer.parseInt(port, HEX));
  }

  private static void swap(byte[] bytes, int one, int other) {
    byte kept = bytes[one];
    bytes[one] = bytes[other];
    bytes[other] = kept;
  }

  /** Returns the IPv4 address of one that is mapped into IPv6, as of a dual-stack listener. */
  private static byte[] unmapped(byte[] bytes) {
    if (bytes.length != IPV6 || bytes[10] != -1 || bytes[11] != -1) {
      return bytes;
    }
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return bytes;
      }
    }
    return new byte[] {bytes[12], bytes[13], bytes[14], bytes[15]};
  }
}
