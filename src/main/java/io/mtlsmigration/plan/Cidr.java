package io.mtlsmigration.plan;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Reads address ranges ({@code 10.0.9.0/24}) and bare addresses, and looks no name up. */
final class Cidr {

  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

  /** Java takes whatever holds a colon for a literal. */
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private static final Pattern PREFIX = Pattern.compile("\\d{1,3}");

  private Cidr() {}

  static boolean isValid(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    int bits = bits(address);
    if (slash < 0 || bits == 0) {
      return bits > 0;
    }
    String prefix = text.substring(slash + 1);
    return PREFIX.matcher(prefix).matches() && Integer.parseInt(prefix) <= bits;
  }

  /** 32 or 128; 0 when it is no address. */
  private static int bits(String address) {
    if (IPV4.matcher(address).matches()) {
      return 32;
    }
    if (!IPV6.matcher(address).matches()) {
      return 0;
    }
    try {
      InetAddress.getByName(address);
      return 128;
    } catch (UnknownHostException e) {
      return 0;
    }
  }
}
