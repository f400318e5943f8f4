// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The command {@code backtest}: what would have become of a plan in the past. */
final class BacktestCommand {

  private static final String NAMESPACES = "--namespaces";

  private BacktestCommand() {}

  static CommandSpec spec() {
    return Usage.command(
            "backtest",
            BacktestCommand::run,
            "Says when each namespace of a plan would have been locked, had the plan been started"
                + " in the past, and whom it would have refused since; by the history that the"
                + " source of evidence has, in whole hours of UTC.",
            "backtest q4 --from 2026-10-01T00:00:00Z",
            "backtest q4 --namespaces foo,bar -o json")
        .addPositional(Usage.argument(0, Usage.PLAN, "Name of the plan, in any phase."))
        .addOption(Usage.text("--from", "INSTANT", "Its start (as far back as history reaches)."))
        .addOption(Usage.text("--to", "INSTANT", "The end (now)."))
        .addOption(
            OptionSpec.builder(
                    Usage.texts(
                        NAMESPACES,
                        "NAMESPACE",
                        "These alone, separated by commas; needed of a plan with more than 100."))
                .required(false)
                .build());
  }

  private static int run(RemoteCommand call) throws IOException, RefusedException {
    Map<String, Object> body = new LinkedHashMap<>();
    call.option("--from").ifPresent(from -> body.put("from", from));
    call.option("--to").ifPresent(to -> body.put("to", to));
    if (call.isGiven(NAMESPACES)) {
      body.put("namespaces", call.values(NAMESPACES));
    }
    JsonNode told = call.api().post(ServiceApi.path("plans", call.argument(0), "backtest"), body);
    call.answer(told, () -> lines(told));
    return Exit.DONE;
  }

  private static List<String> lines(JsonNode told) {
    List<String> lines = new ArrayList<>();
    lines.add(
        AnswerText.of(
            told,
            "{plan} from {from} to {to}: {counts.opens} would have been locked, {counts.staysShut}"
                + " not, of {counts.unknown} it is not known"));
    TextTable table = new TextTable("NAMESPACE", "WAVE", "OUTCOME", "LOCKED BY", "WHY");
    TextTable refused = new TextTable("REFUSED", "BY", "CALLS", "FIRST", "LAST", "MAY FAIL");
    for (JsonNode one : told.path("namespaces")) {
      table.row(
          one.path("namespace").asText(),
          one.path("wave").asText(),
          one.path("outcome").asText(),
          one.path("opensAt").isTextual() ? one.path("opensAt").asText() : "-",
          one.path("message").asText());
      for (JsonNode client : one.path("refused")) {
        refused.row(
            client.path("client").asText(),
            one.path("namespace").asText(),
            client.path("calls").asText(),
            client.path("firstCall").asText(),
            client.path("lastCall").asText(),
            client.path("mayFail").asBoolean() ? "yes" : "no");
      }
    }
    lines.addAll(table.lines());
    if (!refused.isEmpty()) {
      lines.addAll(refused.lines());
    }
    told.path("notJudged")
        .forEach(limit -> lines.add(AnswerText.of(limit, "not judged: {message}")));
    return lines;
  }
}
