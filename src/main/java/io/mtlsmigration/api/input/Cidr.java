package io.mtlsmigration.api.input;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The form of an address range. Looks up no names, which the JDK's parser of addresses would do.
 */
final class Cidr {

  private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern V4 =
      Pattern.compile("(?:" + BYTE + "\\.){3}" + BYTE + "/(\\d{1,2})");
  private static final Pattern V6 =
      Pattern.compile("(?=[^/]*:)(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}/(\\d{1,3})");

  private Cidr() {}

  static boolean valid(String text) {
    return within(V4.matcher(text), 32) || within(V6.matcher(text), 128);
  }

  private static boolean within(Matcher matcher, int bits) {
    return matcher.matches() && Integer.parseInt(matcher.group(1)) <= bits;
  }
}
