// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import io.mtlsmigration.wire.WireCheck.Progress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Formats a check for a terminal: its verdict, and below it a line for each kind of connection,
 * such as {@code curl.legacy to httpbin.foo:8080: PLAINTEXT GET /ip HTTP/1.1}.
 */
public final class WireText {

  private WireText() {}

  /** Returns lines without line ends; sorted, and each once for any number of connections. */
  public static List<String> lines(WireCheck check) {
    Set<String> lines = new LinkedHashSet<>();
    switch (check.progress()) {
      case Progress.Running running -> lines.add("RUNNING");
      case Progress.Failed failed -> {
        WireFailure failure = failed.failure();
        lines.add(failure.code() + ": " + failure.reason());
        lines.add(failure.remedy());
      }
      case Progress.Done done -> {
        lines.add(done.verdict().name());
        Set<String> sorted = new TreeSet<>();
        done.connections().forEach(connection -> sorted.add(line(check, connection)));
        lines.addAll(sorted);
      }
    }
    return List.copyOf(lines);
  }

  private static String line(WireCheck check, Connection connection) {
    String answer = connection.answer() == WireAnswer.RESET ? ", reset" : "";
    String seen = seen(connection);
    return caller(connection)
        + " to "
        + check.workload().name()
        + "."
        + check.workload().namespace()
        + ":"
        + connection.flow().serverPort()
        + ": "
        + connection.security()
        + answer
        + (seen.isEmpty() ? "" : " (" + seen + ")");
  }

  private static String caller(Connection connection) {
    if (connection.workload() != null) {
      return connection.workload().name() + "." + connection.workload().namespace();
    }
    return connection.node().isEmpty() ? connection.flow().ip() : "node " + connection.node();
  }

  private static String seen(Connection connection) {
    Judgement judgement = connection.sighting().judgement();
    return switch (judgement.basis()) {
      case NOTHING_SENT -> "sent nothing";
      case PARTIAL_HELLO -> "greeting not whole";
      case MIDSTREAM ->
          "open before" + (judgement.firstBytes().isEmpty() ? "" : ": " + line(judgement));
      case BEGINNING ->
          switch (judgement.security()) {
            case PLAINTEXT -> line(judgement);
            case TLS, ISTIO_MTLS ->
                judgement.serverName().isEmpty()
                    ? String.join(" ", judgement.protocols())
                    : judgement.serverName();
            case UNKNOWN -> "";
          };
    };
  }

  /** Returns the first bytes up to the end of their first line, which became two dots. */
  private static String line(Judgement judgement) {
    int end = judgement.firstBytes().indexOf("..");
    return end < 0 ? judgement.firstBytes() : judgement.firstBytes().substring(0, end);
  }
}
