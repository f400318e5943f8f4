package io.mtlsmigration.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * First bytes for people to read: what is no printable ASCII becomes a dot, as {@code tcpdump -A}
 * does. What a client says first may be a password, so credentials are left out as far as they can
 * be known: in HTTP by the names of headers and query parameters, in Redis by its command. Of other
 * protocols only as much is shown as tells what they are.
 */
final class Printable {

  /** What is shown of HTTP. */
  static final int MOST = 128;

  /** What is shown of anything else. */
  static final int OTHERS = 32;

  private static final Pattern HTTP = Pattern.compile("^[A-Z]{3,10} \\S+ HTTP/1\\.[01]\r\n");
  private static final Pattern HEADER =
      Pattern.compile(
          "(?im)^((?:[a-z0-9-]*authorization|cookie2?|[a-z0-9-]*(?:token|secret|api-?key|password"
              + "|session|signature|credential)[a-z0-9-]*):)[^\r\n]*");
  private static final Pattern PARAMETER =
      Pattern.compile(
          "(?i)([?&][^=&\\s]*(?:token|secret|key|pass|pwd|auth|session|sig|code|credential)[^=&\\s]*=)"
              + "[^&\\s]*");
  private static final Pattern REDIS = Pattern.compile("(?is)^((?:\\*\\d+\r\n\\$4\r\n)?auth\\b).*");

  private Printable() {}

  /** The beginning of what was said, at most {@link #MOST} characters. */
  static String beginning(byte[] bytes) {
    String said = new String(bytes, StandardCharsets.ISO_8859_1);
    if (!HTTP.matcher(said).find()) {
      // Perhaps HTTP whose first line is too long to be seen whole.
      String shown = PARAMETER.matcher(REDIS.matcher(said).replaceFirst("$1 …")).replaceAll("$1…");
      return of(shown.substring(0, Math.min(OTHERS, shown.length())));
    }
    int end = said.indexOf("\r\n\r\n");
    String head = end < 0 ? said : said.substring(0, end);
    String line = said.substring(0, said.indexOf('\r'));
    String shown =
        PARAMETER.matcher(line).replaceAll("$1…")
            + HEADER.matcher(head.substring(line.length())).replaceAll("$1 …");
    return of(shown.substring(0, Math.min(MOST, shown.length())));
  }

  /** Dots for what is not printable. */
  static String of(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.chars().forEach(c -> shown.append((c >= ' ' && c < 0x7F) || c == '…' ? (char) c : '.'));
    return shown.toString();
  }

  /** True for what looks like text: nearly all of it is printable, and there is enough to tell. */
  static boolean isText(byte[] bytes) {
    byte[] sample = Arrays.copyOf(bytes, Math.min(bytes.length, 64));
    int printable = 0;
    for (byte b : sample) {
      if ((b >= ' ' && b < 0x7F) || b == '\r' || b == '\n' || b == '\t') {
        printable++;
      }
    }
    // Of random bytes 38 % are printable: nine in ten of sixteen are so once in 10^5.
    return sample.length >= 16 && printable * 10 >= sample.length * 9;
  }
}
