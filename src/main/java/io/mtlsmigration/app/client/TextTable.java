// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import io.mtlsmigration.text.TerminalText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table for a terminal. Cells are texts of others, and escaped. */
final class TextTable {

  private static final String GAP = "   ";

  private final List<List<String>> rows = new ArrayList<>();

  TextTable(String... titles) {
    row(titles);
  }

  void row(String... cells) {
    rows.add(Arrays.stream(cells).map(TerminalText::line).toList());
  }

  /** Returns whether it has no rows beside the titles. */
  boolean isEmpty() {
    return rows.size() == 1;
  }

  List<String> lines() {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(i == 0 ? "" : GAP).append(row.get(i)).repeat(' ', widths[i] - width(row.get(i)));
    }
    return line.toString().stripTrailing();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
