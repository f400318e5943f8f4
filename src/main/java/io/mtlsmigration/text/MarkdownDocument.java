package io.mtlsmigration.text;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Builds a document in Markdown, line by line. Cells are texts by others, and escaped; lines are
 * not.
 */
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
