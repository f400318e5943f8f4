// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Formats the matrix as Istio's migration task does: {@code curl.legacy to httpbin.foo: 000}, and
 * below a failed line {@code kubectl exec}'s message with curl's exit code. One line for each
 * client and Service port, with the result of the worst endpoint. The port is named only where the
 * Service has several; a port that answers, but not in HTTP, is {@code open}.
 */
public final class MatrixText {

  private MatrixText() {}

  /** Returns lines without line ends, in the matrix's order. */
  public static List<String> lines(List<Cell> cells) {
    Set<String> several = servicesWithSeveralPorts(cells);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < cells.size(); ) {
      Cell worst = cells.get(i);
      int next = i + 1;
      while (next < cells.size()
          && cells.get(next).from().equals(worst.from())
          && cells.get(next).to().equals(worst.to())) {
        worst = worse(worst, cells.get(next));
        next++;
      }
      write(worst, several, lines);
      i = next;
    }
    return lines;
  }

  private static Cell worse(Cell a, Cell b) {
    return b.outcome().rank() > a.outcome().rank() ? b : a;
  }

  private static Set<String> servicesWithSeveralPorts(List<Cell> cells) {
    Map<String, String> first = new HashMap<>();
    Set<String> several = new HashSet<>();
    for (Cell cell : cells) {
      String service = service(cell.to());
      String known = first.putIfAbsent(service, cell.to());
      if (known != null && !known.equals(cell.to())) {
        several.add(service);
      }
    }
    return several;
  }

  private static void write(Cell cell, Set<String> several, List<String> lines) {
    String service = service(cell.to());
    String port = several.contains(service) ? cell.to().substring(service.length()) : "";
    String pair = dotted(cell.from()) + " to " + dotted(service) + port;
    if (cell.outcome() == ProbeOutcome.SKIPPED) {
      lines.add(pair + ": skipped (" + cell.detail() + ")");
      return;
    }
    boolean open = cell.outcome() == ProbeOutcome.OK && cell.httpCode() == 0;
    lines.add(pair + ": " + (open ? "open" : String.format(Locale.ROOT, "%03d", cell.httpCode())));
    if (cell.exitCode() != 0) {
      lines.add("command terminated with exit code " + cell.exitCode());
    }
  }

  private static String service(String to) {
    return to.substring(0, to.lastIndexOf(':'));
  }

  /** Returns {@code namespace/name} as {@code name.namespace}. */
  private static String dotted(String id) {
    int slash = id.indexOf('/');
    return id.substring(slash + 1) + "." + id.substring(0, slash);
  }
}
