// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.api.problem.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What we read of a request's head by ourselves, a line each: Host, Origin, X-Request-ID and
 * traceparent. What is before that is Vert.x' and Netty's.
 */
public final class HeadFuzz {

  private static final Pattern TRACE =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private HeadFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    String[] lines = new String(data, StandardCharsets.ISO_8859_1).split("\n", 4);
    try {
      LocalCallers.demand(lines[0], lines.length > 1 ? lines[1] : null);
      demandLoopback(lines[0]);
    } catch (ApiException e) {
      // as it says
    }
    String id = RequestIds.chosen(lines.length > 2 ? lines[2] : null);
    if (id.length() > 128 || id.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalStateException("an id that is no good to print: " + id);
    }
    String trace = TraceContext.under(lines.length > 3 ? lines[3] : null).text();
    if (!TRACE.matcher(trace).matches()) {
      throw new IllegalStateException("no traceparent: " + trace);
    }
  }

  /** A name under localhost is this machine (RFC 6761 §6.3), and so is what begins with 127. */
  private static void demandLoopback(String host) {
    String name = host.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]{1,5}$", "");
    String last = name.replaceFirst("\\.$", "");
    boolean own =
        last.equals("localhost")
            || last.endsWith(".localhost")
            || (name.startsWith("127.") && name.chars().allMatch(c -> c <= '9'))
            || (name.startsWith("[") && name.endsWith(":1]"));
    if (!own || name.contains("@") || name.contains("/")) {
      throw new IllegalStateException("taken for this machine: " + host);
    }
  }
}
