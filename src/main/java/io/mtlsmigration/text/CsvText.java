// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.text;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Formats tables for spreadsheets (RFC 4180). A cell that a spreadsheet would take for a formula
 * begins with an apostrophe.
 */
public final class CsvText {

  private static final String FORMULA = "=+-@\t\r";

  private CsvText() {}

  /** Returns rows with their line ends, the head first. */
  public static String of(List<List<String>> rows) {
    return rows.stream()
        .map(row -> row.stream().map(CsvText::cell).collect(Collectors.joining(",", "", "\r\n")))
        .collect(Collectors.joining());
  }

  private static String cell(String text) {
    String plain = text.lines().map(TerminalText::line).collect(Collectors.joining("\n"));
    String safe = !plain.isEmpty() && FORMULA.indexOf(plain.charAt(0)) >= 0 ? "'" + plain : plain;
    boolean quoted = safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n');
    return quoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
  }
}
