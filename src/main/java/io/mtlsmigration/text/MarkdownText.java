// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.text;

import java.util.regex.Pattern;

/**
 * Escapes texts for Markdown, as GitHub and GitLab parse it. They create no structure, mention
 * nobody ({@code @ann}), refer to nothing ({@code #12}, {@code !12}, {@code GH-12}), and are no
 * link: a zero-width space at the beginning of such a thing prevents it.
 */
public final class MarkdownText {

  private static final String NO_WIDTH = "\u200B";

  private static final Pattern STRUCTURE = Pattern.compile("[\\\\|`*_<>\\[\\]#~&!]");
  private static final Pattern CALL =
      Pattern.compile("[@#!&%$~](?=[\\p{L}\\p{N}_\"])|(?i)\\bgh-(?=\\d)");
  private static final Pattern LINK = Pattern.compile("(?i)(?<=www)(?=\\.)|(?<=:)(?=//)");

  private MarkdownText() {}

  /** Returns the text on one line, in a paragraph, a list or a cell of a table. */
  public static String of(String text) {
    String calm = CALL.matcher(TerminalText.line(text).strip()).replaceAll("$0" + NO_WIDTH);
    String plain = LINK.matcher(calm).replaceAll(NO_WIDTH);
    return STRUCTURE.matcher(plain).replaceAll("\\\\$0");
  }
}
