// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A format of text lines, and the parser of lines in it.
 *
 * <p>Envoy escapes nothing in text: a client may write quotes, spaces and whole lines into its
 * headers. So a line is accepted only when it has exactly the quotes and blanks of its format: a
 * client that adds one makes the line unreadable, and cannot move its own words to where others are
 * expected. Within quotes that hold a single operator, blanks belong to the value.
 *
 * @param pieces of the format, each between two delimiters
 * @param delimiters the one after each piece but the last: a blank, a tab or a quote
 */
record TextLayout(List<Piece> pieces, String delimiters) {

  /**
   * A part of the format between two delimiters.
   *
   * @param before and {@code after}: the format's text around the operator
   * @param operator null where it is none that is read
   * @param operators their number: none makes the text a fixed one, several make the value
   *     ambiguous
   */
  record Piece(String before, @Nullable String operator, String after, int operators) {

    /** Returns the value; null when the text does not match this piece. */
    @Nullable String value(String text) {
      if (operators == 0) {
        return text.equals(before) ? "" : null;
      }
      boolean fits =
          text.length() >= before.length() + after.length()
              && text.startsWith(before)
              && text.endsWith(after);
      return fits ? text.substring(before.length(), text.length() - after.length()) : null;
    }
  }

  /** Parses a format; empty when it is malformed, or when its lines cannot be told apart. */
  static Optional<TextLayout> of(String format) {
    return new Parser(format).parse();
  }

  /** Returns the values by operator; empty when the line is not in this format. */
  Map<String, String> read(String line) {
    Map<String, String> values = new HashMap<>();
    int start = 0;
    for (int i = 0; i < pieces.size(); i++) {
      boolean last = i == delimiters.length();
      int end = end(line, start, i);
      if (end < 0 || (!last && line.charAt(end) != delimiters.charAt(i))) {
        return Map.of();
      }
      Piece piece = pieces.get(i);
      String value = piece.value(line.substring(start, end));
      if (value == null) {
        return Map.of();
      }
      if (piece.operator() != null && value.length() <= EnvoyOperators.LONGEST_VALUE) {
        values.put(piece.operator(), value);
      }
      start = end + 1;
    }
    return values;
  }

  /** Returns the end of the piece that begins at {@code start}; -1 when the line ends too early. */
  private int end(String line, int start, int piece) {
    if (quoted(piece)) {
      return line.indexOf('"', start);
    }
    int end = start;
    while (end < line.length() && !delimits(line.charAt(end))) {
      end++;
    }
    boolean last = piece == delimiters.length();
    return last == (end == line.length()) ? end : -1;
  }

  /** Returns whether the piece is the whole content of a pair of quotes. */
  private boolean quoted(int piece) {
    return piece > 0
        && piece < delimiters.length()
        && pieces.get(piece).operators() == 1
        && delimiters.charAt(piece - 1) == '"'
        && delimiters.charAt(piece) == '"'
        && delimiters.substring(0, piece).chars().filter(c -> c == '"').count() % 2 == 1;
  }

  private static boolean delimits(char c) {
    return c == ' ' || c == '\t' || c == '"';
  }

  /** Parses a format once, from left to right. */
  private static final class Parser {
    private final String format;
    private final List<Piece> pieces = new ArrayList<>();
    private final StringBuilder delimiters = new StringBuilder();
    private final StringBuilder before = new StringBuilder();
    private final StringBuilder after = new StringBuilder();
    private @Nullable String operator;
    private int operators;
    private int at;

    Parser(String format) {
      this.format = format.stripTrailing();
    }

    Optional<TextLayout> parse() {
      while (at < format.length()) {
        char c = format.charAt(at);
        if (c == '\n') {
          return Optional.empty();
        }
        if (c == '%' && !format.startsWith("%%", at)) {
          if (!operator()) {
            return Optional.empty();
          }
        } else {
          literal(c);
        }
      }
      finish();
      return Optional.of(new TextLayout(List.copyOf(pieces), delimiters.toString()));
    }

    private void literal(char c) {
      at += c == '%' ? 2 : 1;
      if (delimits(c)) {
        finish();
        delimiters.append(c);
      } else {
        (operators == 0 ? before : after).append(c);
      }
    }

    /** Reads an operator; returns false when it does not end. */
    private boolean operator() {
      int open = format.indexOf('(', at);
      int end = format.indexOf('%', at + 1);
      if (open >= 0 && open < end) {
        int close = format.indexOf(')', open);
        end = close < 0 ? -1 : format.indexOf('%', close);
      }
      if (end < 0) {
        return false;
      }
      String name = format.substring(at, end + 1);
      at = end + 1;
      if (name.startsWith("%START_TIME(")) { // a time contains the blanks of its own format
        name.chars().filter(c -> delimits((char) c)).forEach(c -> blank((char) c));
      }
      operators++;
      operator = EnvoyOperators.read(name);
      return true;
    }

    private void blank(char c) {
      operators++;
      finish();
      delimiters.append(c);
    }

    private void finish() {
      boolean single = operators == 1;
      pieces.add(
          new Piece(
              operators > 1 ? "" : before.toString(),
              single ? operator : null,
              operators > 1 ? "" : after.toString(),
              operators));
      before.setLength(0);
      after.setLength(0);
      operator = null;
      operators = 0;
    }
  }
}
