// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.text;

import java.util.Collection;
import java.util.stream.Collectors;

/**
 * Formats lines for terminals and build logs. Nothing in them moves the cursor, changes the
 * direction of writing, breaks the line, or is a command to the build that prints it: GitHub
 * interprets {@code ::…} at the beginning of a line and {@code ##[…]} anywhere, Azure and TeamCity
 * {@code ##vso[…]} and {@code ##teamcity[…]}.
 */
public final class TerminalText {

  /** The replacement of characters that are not shown. */
  private static final char HIDDEN = '\uFFFD';

  private TerminalText() {}

  /** Returns lines with their ends. */
  public static String of(Collection<String> lines) {
    return lines.stream().map(line -> line(line) + "\n").collect(Collectors.joining());
  }

  /**
   * Returns one line without its end: runs of blanks or line ends are one space, except indents.
   */
  public static String line(String text) {
    StringBuilder line = new StringBuilder(text.length());
    boolean begun = false;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (isBlank(c)) {
        boolean indents = !begun && c == ' ';
        append(line, ' ', indents || (begun && last(line) != ' '));
      } else if (isHidden(c)) {
        append(line, HIDDEN, last(line) != HIDDEN);
        begun = true;
      } else {
        boolean commands =
            (c == ':' && !begun && text.startsWith("::", i)) || (c == '#' && last(line) == '#');
        line.append(commands ? HIDDEN : "").appendCodePoint(c);
        begun = true;
      }
    }
    return line.toString().stripTrailing();
  }

  /** Returns true for a text shown unchanged on one line; it may have several blanks, or tabs. */
  public static boolean isLine(String text) {
    return text.codePoints()
        .allMatch(
            c -> c == '\t' || c == HIDDEN || (!isHidden(c) && c != '\u2028' && c != '\u2029'));
  }

  private static void append(StringBuilder line, char c, boolean wanted) {
    if (wanted) {
      line.append(c);
    }
  }

  private static char last(StringBuilder line) {
    return line.isEmpty() ? '\0' : line.charAt(line.length() - 1);
  }

  static boolean isBlank(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
  }

  /**
   * Returns whether a character is hidden: controls, marks of direction and joiners, surrogates,
   * private and unassigned characters.
   */
  static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          true;
      default -> c == HIDDEN;
    };
  }
}
