// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.text;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Builds a Markdown document, line by line. Cells are escaped, as texts by others; lines not. */
public final class MarkdownDocument {

  private final StringBuilder text = new StringBuilder();

  public void section(String title) {
    line("");
    line("## " + title);
    line("");
  }

  /** Adds a row to a table. */
  public void row(String... cells) {
    line(Arrays.stream(cells).map(MarkdownText::of).collect(Collectors.joining(" | ", "| ", " |")));
  }

  public void line(String line) {
    text.append(line).append('\n');
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
