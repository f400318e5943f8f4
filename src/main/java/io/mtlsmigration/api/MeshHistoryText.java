// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.view.MeshHistoryView;
import io.mtlsmigration.api.view.MeshHistoryView.Point;
import io.mtlsmigration.mtls.Posture;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Prints the mesh over time as a table with a line for each step: the security of calls, and
 * workloads by posture. A dash means no calls; a question mark means that the number is unknown.
 */
final class MeshHistoryText {

  private static final String NOBODY = "-";
  private static final String UNKNOWN = "?";

  private MeshHistoryText() {}

  static String of(MeshHistoryView history) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        Stream.concat(
                Stream.of("until", "mtls", "plaintext", "unknown", "share"),
                Stream.of(Posture.values()).map(posture -> posture.name().toLowerCase(Locale.ROOT)))
            .toList());
    history.points().forEach(point -> rows.add(row(point)));
    StringBuilder text = new StringBuilder();
    text.append("steps of ").append(history.step()).append(" from ").append(history.from());
    text.append("; postures of workloads ")
        .append(
            history.knownSince() == null
                ? "are not known yet"
                : "are known since " + history.knownSince())
        .append("; - nobody called, ? not known\n");
    int[] widths =
        IntStream.range(0, rows.getFirst().size())
            .map(column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    rows.forEach(row -> append(text, row, widths));
    return text.toString();
  }

  private static List<String> row(Point point) {
    List<String> row = new ArrayList<>();
    row.add(point.at().toString());
    String none = point.calls().reason() == null ? NOBODY : UNKNOWN;
    row.add(number(point.calls().mutualTls(), none));
    row.add(number(point.calls().plaintext(), none));
    row.add(number(point.calls().unknown(), none));
    row.add(share(point.calls().mutualTlsShare(), none));
    Map<Posture, Integer> workloads = point.workloads();
    for (Posture posture : Posture.values()) {
      row.add(workloads == null ? UNKNOWN : Integer.toString(workloads.getOrDefault(posture, 0)));
    }
    return row;
  }

  private static String number(@Nullable Number number, String none) {
    return number == null ? none : number.toString();
  }

  /** Returns the share rounded down, so that 100 % means all calls. */
  private static String share(@Nullable Double share, String none) {
    return share == null
        ? none
        : String.format(Locale.ROOT, "%.1f%%", Math.floor(share * 1000) / 10);
  }

  private static void append(StringBuilder text, List<String> row, int[] widths) {
    for (int column = 0; column < widths.length; column++) {
      String cell = row.get(column);
      String room = " ".repeat(widths[column] - cell.length());
      text.append(column == 0 ? cell + room : "  " + room + cell);
    }
    text.append('\n');
  }
}
