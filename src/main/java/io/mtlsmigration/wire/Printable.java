// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Formats first bytes for people: anything but printable ASCII becomes a dot, as in {@code tcpdump
 * -A}. The first bytes of a client may hold a password, so credentials are left out as far as they
 * can be recognised: in HTTP by the names of headers and query parameters, in Redis by its command.
 * Of other protocols only as much is shown as identifies them.
 */
final class Printable {

  /** The maximum number of characters shown of HTTP. */
  static final int MOST = 128;

  /** The maximum number of characters shown of anything else. */
  static final int OTHERS = 32;

  /** Headers with credentials that are matched by their whole name. */
  private static final Set<String> SECRET_HEADERS = Set.of("cookie", "cookie2");

  private static final List<String> SECRET_IN_HEADERS =
      List.of(
          "token", "secret", "apikey", "api-key", "password", "session", "signature", "credential");

  private static final List<String> SECRET_IN_PARAMETERS =
      List.of(
          "token", "secret", "key", "pass", "pwd", "auth", "session", "sig", "code", "credential");

  private static final String BLANKS = " \t\u000B\f\r\n";

  private Printable() {}

  /** Returns the beginning of the bytes, at most {@link #MOST} characters. */
  static String beginning(byte[] bytes) {
    String said = new String(bytes, StandardCharsets.ISO_8859_1);
    int line = said.indexOf("\r\n");
    if (line < 0 || !isRequest(said.substring(0, line))) {
      // This may be HTTP whose first line is too long to be complete.
      return cut(withoutParameters(withoutRedis(said)), OTHERS);
    }
    int end = said.indexOf("\r\n\r\n");
    String head = end < 0 ? said : said.substring(0, end);
    return cut(
        withoutParameters(said.substring(0, line))
            + withoutHeaders(head.substring(Math.min(line, head.length()))),
        MOST);
  }

  private static String cut(String shown, int most) {
    return of(shown.substring(0, Math.min(most, shown.length())));
  }

  /** Returns whether a line is a method, a target, and the version. */
  private static boolean isRequest(String line) {
    int method = line.indexOf(' ');
    int target = line.indexOf(' ', method + 1);
    return method >= 3
        && method <= 10
        && line.chars().limit(method).allMatch(c -> c >= 'A' && c <= 'Z')
        && target > method + 1
        && (line.startsWith(" HTTP/1.1", target) || line.startsWith(" HTTP/1.0", target))
        && target + 9 == line.length();
  }

  /** Removes everything that follows Redis' command for passwords. */
  private static String withoutRedis(String said) {
    int start = 0;
    if (said.startsWith("*")) {
      int length = said.indexOf("\r\n$4\r\n");
      start = length < 0 ? 0 : length + 6;
    }
    int end = start + 4;
    boolean auth =
        said.regionMatches(true, start, "auth", 0, 4)
            && (end == said.length() || !Character.isLetterOrDigit(said.charAt(end)));
    return auth ? said.substring(0, end) + " …" : said;
  }

  /** Removes values of query parameters whose names suggest credentials. */
  private static String withoutParameters(String text) {
    StringBuilder shown = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      int end = at + 1;
      while (end < text.length() && !begins(text.charAt(end))) {
        end++;
      }
      shown.append(parameter(text.substring(at, end)));
      at = end;
    }
    return shown.toString();
  }

  private static boolean begins(char c) {
    return c == '?' || c == '&' || BLANKS.indexOf(c) >= 0;
  }

  private static String parameter(String part) {
    int equals = part.indexOf('=');
    boolean secret =
        equals > 0
            && BLANKS.indexOf(part.charAt(0)) < 0
            && tells(part.substring(0, equals), SECRET_IN_PARAMETERS);
    return secret ? part.substring(0, equals + 1) + "…" : part;
  }

  private static String withoutHeaders(String lines) {
    StringBuilder shown = new StringBuilder();
    int at = 0;
    while (at < lines.length()) {
      int end = at;
      while (end < lines.length() && lines.charAt(end) != '\r' && lines.charAt(end) != '\n') {
        end++;
      }
      shown.append(header(lines.substring(at, end)));
      if (end < lines.length()) {
        shown.append(lines.charAt(end));
      }
      at = end + 1;
    }
    return shown.toString();
  }

  private static String header(String line) {
    int colon = line.indexOf(':');
    if (colon < 0) {
      return line;
    }
    String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
    boolean secret =
        SECRET_HEADERS.contains(name)
            || name.endsWith("authorization")
            || tells(name, SECRET_IN_HEADERS);
    return secret ? line.substring(0, colon + 1) + " …" : line;
  }

  private static boolean tells(String name, List<String> words) {
    String lower = name.toLowerCase(Locale.ROOT);
    return words.stream().anyMatch(lower::contains);
  }

  /** Replaces unprintable characters by dots. */
  static String of(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.chars().forEach(c -> shown.append((c >= ' ' && c < 0x7F) || c == '…' ? (char) c : '.'));
    return shown.toString();
  }

  /** Returns true for bytes that look like text: nearly all printable, and enough to tell. */
  static boolean isText(byte[] bytes) {
    byte[] sample = Arrays.copyOf(bytes, Math.min(bytes.length, 64));
    int printable = 0;
    for (byte b : sample) {
      if ((b >= ' ' && b < 0x7F) || b == '\r' || b == '\n' || b == '\t') {
        printable++;
      }
    }
    // 38 % of random bytes are printable: nine in ten of sixteen are so once in 10^5.
    return sample.length >= 16 && printable * 10 >= sample.length * 9;
  }
}
