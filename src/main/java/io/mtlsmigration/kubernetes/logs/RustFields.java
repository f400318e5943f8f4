// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses fields such as {@code src.addr=10.0.0.1:80 error="a \"b\""} in a line of text, as Rust's
 * {@code tracing} writes them: a quoted value has its quotes and backslashes escaped. Any other
 * form makes the whole line unreadable.
 */
final class RustFields {

  private final String line;
  private int at;

  /**
   * Creates a parser.
   *
   * @param at where the first field begins
   */
  RustFields(String line, int at) {
    this.line = line;
    this.at = at;
  }

  /** Returns the fields by name; none when the line has another form, or repeats a name. */
  Map<String, String> read() {
    Map<String, String> fields = new HashMap<>();
    while (at < line.length()) {
      int equals = line.indexOf('=', at);
      int blank = line.indexOf(' ', at);
      if (equals < 0 || (blank >= 0 && blank < equals)) {
        return Map.of();
      }
      String name = line.substring(at, equals);
      at = equals + 1;
      String value = line.startsWith("\"", at) ? quoted() : bare();
      if (value == null || fields.put(name, value) != null) {
        return Map.of();
      }
    }
    return fields;
  }

  private String bare() {
    int blank = line.indexOf(' ', at);
    int end = blank < 0 ? line.length() : blank;
    String value = line.substring(at, end);
    at = end + 1;
    return value;
  }

  /** Returns null when it does not end. */
  private @Nullable String quoted() {
    StringBuilder value = new StringBuilder();
    for (int i = at + 1; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        boolean last = i + 1 == line.length();
        at = i + 2;
        return last || line.charAt(i + 1) == ' ' ? value.toString() : null;
      }
      if (c == '\\' && ++i < line.length()) {
        c = line.charAt(i);
      }
      value.append(c);
    }
    return null;
  }
}
