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
import java.util.StringTokenizer;

/**
 * The established connections of a pod at its sidecar, from the tables of its kernel (Linux, {@code
 * Documentation/networking/proc_net_tcp.rst}).
 *
 * @param listens whether there is a listener at the port that iptables redirect inbound connections
 *     to: without one the sidecar takes them elsewhere
 * @param peers the other ends of connections to that port
 * @param ports the ports of the application at which the sidecar has connections open
 */
record ConnectionTable(boolean listens, Set<Address> peers, Set<Integer> ports) {

  /** The port that Istio's iptables redirect inbound connections to. */
  private static final int INBOUND = 15006;

  /** The addresses that a sidecar calls its application from. */
  private static final Set<String> FROM_SIDECAR = Set.of("127.0.0.6", "::6");

  /** What is in each line that this reads: the port, and the sidecar's own addresses. */
  static final Set<String> WANTED =
      Set.of(":3A9E ", " 0600007F:", " 7F000006:", "06000000:", "00000006:");

  private static final String ESTABLISHED = "01";
  private static final String LISTENING = "0A";
  private static final int WORD = 4;
  private static final int IPV6 = 16;

  /** What the line that begins each table holds. */
  private static final String HEAD = " local_address ";

  /** The digits of an address, of either family. */
  private static final Set<Integer> DIGITS = Set.of(8, 32);

  /** A line's ends of a connection, in the kernel's digits, and its state. */
  private record Row(End local, End peer, String state) {

    /** Reads {@code 0: 0900F40A:3A9E 0800F40A:A001 01 …}; empty for what is no line of a table. */
    static Optional<Row> read(StringTokenizer words) {
      if (words.countTokens() < 4) {
        return Optional.empty();
      }
      words.nextToken(); // its number
      Optional<End> local = End.read(words.nextToken());
      Optional<End> peer = End.read(words.nextToken());
      String state = words.nextToken();
      return local.isPresent() && peer.isPresent()
          ? Optional.of(new Row(local.get(), peer.get(), state))
          : Optional.empty();
    }
  }

  private record End(String address, int port) {

    static Optional<End> read(String word) {
      int colon = word.indexOf(':');
      return DIGITS.contains(colon)
              && word.length() == colon + 5
              && hex(word.substring(0, colon))
              && hex(word.substring(colon + 1))
          ? Optional.of(
              new End(
                  word.substring(0, colon), HexFormat.fromHexDigits(word, colon + 1, colon + 5)))
          : Optional.empty();
    }

    private static boolean hex(String text) {
      return text.chars().allMatch(HexFormat::isHexDigit);
    }

    Address address(boolean little) {
      byte[] bytes = HexFormat.of().parseHex(address);
      for (int word = 0; little && word < bytes.length; word += WORD) {
        swap(bytes, word, word + 3);
        swap(bytes, word + 1, word + 2);
      }
      return new Address(NetUtil.bytesToIpAddress(unmapped(bytes)), port);
    }
  }

  ConnectionTable {
    peers = Set.copyOf(peers);
    ports = Set.copyOf(ports);
  }

  /**
   * Reads the tables of a pod; empty for what is none. The kernel writes addresses in the order of
   * its processor's bytes, which the pod's own addresses tell.
   */
  static Optional<ConnectionTable> read(String text, Pod pod) {
    if (!text.endsWith("\n")) {
      return Optional.empty(); // cut off, and whatever else was to follow
    }
    List<Row> rows = new ArrayList<>();
    boolean table = false;
    for (String line : text.lines().toList()) {
      if (line.contains(HEAD)) {
        table = true;
        continue;
      }
      Optional<Row> row = Row.read(new StringTokenizer(line));
      if (row.isEmpty()) {
        return Optional.empty();
      }
      rows.add(row.get());
    }
    if (!table) {
      return Optional.empty();
    }
    ConnectionTable little = of(rows, pod, true);
    return Optional.of(little.peers().isEmpty() ? of(rows, pod, false) : little);
  }

  private static ConnectionTable of(List<Row> rows, Pod pod, boolean little) {
    boolean listens = false;
    Set<Address> peers = new HashSet<>();
    Set<Integer> ports = new HashSet<>();
    for (Row row : rows) {
      if (row.state().equals(LISTENING)) {
        listens |= row.local().port() == INBOUND;
      } else if (row.state().equals(ESTABLISHED)) {
        Address local = row.local().address(little);
        Address peer = row.peer().address(little);
        if (local.port() == INBOUND && pod.hasAddress(local.ip())) {
          peers.add(peer);
        } else if (FROM_SIDECAR.contains(local.ip()) && pod.hasAddress(peer.ip())) {
          ports.add(peer.port());
        }
      }
    }
    return new ConnectionTable(listens, peers, ports);
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
