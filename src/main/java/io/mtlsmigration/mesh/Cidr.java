// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** An address range ({@code 10.0.9.0/24}) or a bare address. Parsing does not resolve names. */
public final class Cidr {

  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

  /** The characters of an IPv6 address; Java accepts anything with a colon as a literal. */
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private static final Pattern PREFIX = Pattern.compile("\\d{1,3}");

  private final byte[] network;
  private final int prefix;

  private Cidr(byte[] network, int prefix) {
    this.network = network;
    this.prefix = prefix;
  }

  public static boolean isValid(String text) {
    return parse(text).isPresent();
  }

  /** Parses a range or an address; empty when the text is neither. */
  public static Optional<Cidr> parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    boolean four = IPV4.matcher(address).matches();
    if (!four && !IPV6.matcher(address).matches()) {
      return Optional.empty();
    }
    int bits = four ? Integer.SIZE : 128;
    int prefix = slash < 0 ? bits : prefix(text.substring(slash + 1));
    if (prefix < 0 || prefix > bits) {
      return Optional.empty();
    }
    try {
      byte[] bytes = InetAddress.getByName(address).getAddress();
      // Java converts an IPv4 address mapped into IPv6 to IPv4.
      int mapped = bits - bytes.length * Byte.SIZE;
      return prefix < mapped ? Optional.empty() : Optional.of(new Cidr(bytes, prefix - mapped));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  /** Returns an address in one spelling of all that it has; empty for a range, or a name. */
  public static Optional<String> address(String text) {
    return text.indexOf('/') < 0
        ? parse(text).map(only -> HexFormat.of().formatHex(only.network))
        : Optional.empty();
  }

  /**
   * Returns an address as kubelets and proxies write it (RFC 5952, and IPv4 where it is mapped into
   * IPv6), whoever wrote it otherwise; a range, or a name, as it is.
   */
  public static String canonical(String text) {
    return text.indexOf(':') < 0 || text.indexOf('/') >= 0
        ? text
        : parse(text).map(only -> written(only.network)).orElse(text);
  }

  private static String written(byte[] bytes) {
    if (bytes.length == Integer.BYTES) {
      return IntStream.range(0, bytes.length)
          .mapToObj(i -> String.valueOf(bytes[i] & 0xFF))
          .collect(Collectors.joining("."));
    }
    ShortBuffer groups = ByteBuffer.wrap(bytes).asShortBuffer();
    int from = 0;
    int to = 0;
    for (int i = 0; i < groups.limit(); i++) {
      int end = i;
      while (end < groups.limit() && groups.get(end) == 0) {
        end++;
      }
      // The first of the longest; a single group of zeros is written.
      if (end - i > Math.max(1, to - from)) {
        from = i;
        to = end;
      }
    }
    return from == to
        ? written(groups, 0, groups.limit())
        : written(groups, 0, from) + "::" + written(groups, to, groups.limit());
  }

  private static String written(ShortBuffer groups, int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> Integer.toHexString(groups.get(i) & 0xFFFF))
        .collect(Collectors.joining(":"));
  }

  private static int prefix(String text) {
    return PREFIX.matcher(text).matches() ? Integer.parseInt(text) : -1;
  }

  /** Returns the number of addresses; {@link Long#MAX_VALUE} for that many or more. */
  public long size() {
    int free = network.length * Byte.SIZE - prefix;
    return free >= Long.SIZE - 1 ? Long.MAX_VALUE : 1L << free;
  }

  /** Returns whether every address of another range is within this one. */
  public boolean contains(Cidr other) {
    return other.prefix >= prefix && contains(other.network);
  }

  /** Returns whether an address is within the range; false for a name. */
  public boolean contains(String address) {
    return address.indexOf('/') < 0
        && parse(address).filter(only -> contains(only.network)).isPresent();
  }

  /**
   * Returns true for the first two addresses of the range, which pod networks assign to the node:
   * its tunnel (flannel's), and its bridge, as the gateway of its pods (CNI's host-local).
   */
  public boolean beginsWith(String address) {
    Optional<Cidr> given = address.indexOf('/') < 0 ? parse(address) : Optional.empty();
    if (given.isEmpty() || !contains(given.get().network)) {
      return false;
    }
    BigInteger mine = new BigInteger(1, given.get().network);
    return mine.subtract(new BigInteger(1, network)).compareTo(BigInteger.ONE) <= 0;
  }

  /**
   * Returns whether an address is within the range.
   *
   * @param address 4 or 16 bytes
   */
  public boolean contains(byte[] address) {
    if (address.length != network.length) {
      return false;
    }
    for (int i = 0; i < prefix; i++) {
      int mask = 0x80 >> (i % Byte.SIZE);
      if ((network[i / Byte.SIZE] & mask) != (address[i / Byte.SIZE] & mask)) {
        return false;
      }
    }
    return true;
  }
}
