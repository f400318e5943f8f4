// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import java.util.Optional;

/** One end of a connection, as proxies write it. */
record Address(String ip, int port) {

  /**
   * The longest address in characters: eight groups of IPv6, the last two in the form of IPv4, in
   * brackets.
   */
  private static final int LONGEST = 47;

  private static final int LAST_PORT = 0xFFFF;

  /**
   * Parses {@code 10.1.2.3:8080} or {@code [2001:db8::1]:8080}; empty for anything else. Port 0 is
   * rejected: Envoy writes it for addresses that it takes from headers.
   */
  static Optional<Address> read(String value) {
    int colon = value.lastIndexOf(':');
    if (colon <= 0 || colon > LONGEST) {
      return Optional.empty();
    }
    int port = number(value, colon + 1, value.length(), 5);
    boolean bracketed = value.charAt(0) == '[' && value.charAt(colon - 1) == ']';
    String ip = bracketed ? value.substring(1, colon - 1) : value.substring(0, colon);
    boolean valid = bracketed ? sixth(ip) : fourth(ip);
    return valid && port > 0 && port <= LAST_PORT
        ? Optional.of(new Address(ip, port))
        : Optional.empty();
  }

  private static boolean sixth(String ip) {
    return ip.indexOf(':') >= 0
        && ip.chars().allMatch(c -> c == ':' || (c < 0x80 && Character.digit(c, 16) >= 0));
  }

  private static boolean fourth(String ip) {
    int start = 0;
    for (int i = 0; i < 4; i++) {
      int dot = i < 3 ? ip.indexOf('.', start) : ip.length();
      if (dot < 0 || number(ip, start, dot, 3) < 0) {
        return false;
      }
      start = dot + 1;
    }
    return true;
  }

  /** Returns the number; -1 when there are no digits, more than {@code most}, or anything else. */
  private static int number(String text, int from, int to, int most) {
    if (from >= to || to - from > most) {
      return -1;
    }
    int number = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + c - '0';
    }
    return number;
  }
}
