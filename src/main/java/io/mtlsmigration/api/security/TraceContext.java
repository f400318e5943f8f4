// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.opentelemetry.api.trace.SpanContext;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A call's place in a trace (W3C Trace Context, Recommendation of 23 November 2021, §3.2): the
 * trace is the caller's if it sent one, and each call is a span of its own. While tracing is on,
 * this is the span that is exported; while it is off, it only relates the logs of several services.
 *
 * @param traceId 32 lower-case hexadecimal digits
 * @param spanId 16 of them
 * @param flags two of them, the caller's: 01 means that it records
 */
record TraceContext(String traceId, String spanId, String flags) {

  static final String HEADER = "traceparent";

  /**
   * Version 00 ends after the flags; later ones may have more. Version ff and ids of zeros are
   * invalid.
   */
  private static final Pattern PARENT =
      Pattern.compile(
          "(?!ff)(?:00(?=.{53}$)|(?!00)[0-9a-f]{2})"
              + "-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?");

  /** Returns the span that is recorded for the call; a new one when there is none. */
  static TraceContext of(SpanContext recorded, @Nullable String traceparent) {
    return recorded.isValid()
        ? new TraceContext(
            recorded.getTraceId(), recorded.getSpanId(), recorded.getTraceFlags().asHex())
        : under(traceparent);
  }

  /** Returns a new span in the caller's trace; in a new trace without a valid one. */
  static TraceContext under(@Nullable String traceparent) {
    Matcher parent = PARENT.matcher(traceparent == null ? "" : traceparent);
    return parent.matches()
        ? new TraceContext(parent.group(1), random(8), parent.group(2))
        : new TraceContext(random(16), random(8), "00");
  }

  /** Returns the header. */
  String text() {
    return "00-" + traceId + "-" + spanId + "-" + flags;
  }

  /**
   * Returns random digits. They need not be hard to guess, only unlikely to repeat; never all zero,
   * which is an invalid id.
   */
  private static String random(int bytes) {
    byte[] id = new byte[bytes];
    ThreadLocalRandom.current().nextBytes(id);
    id[0] |= 1;
    return HexFormat.of().formatHex(id);
  }
}
