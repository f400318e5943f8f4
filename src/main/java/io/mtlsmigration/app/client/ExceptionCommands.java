// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The commands {@code exceptions …}, for what a plan leaves open. */
final class ExceptionCommands {

  private static final String SELECTOR = "--selector";
  private static final String PORT = "--port";
  private static final String OWNER = "--owner";
  private static final String REASON = "--reason";
  private static final String EXPIRES = "--expires";
  private static final String PATHS = "--path";
  private static final String DRY_RUN = "--dry-run";

  private ExceptionCommands() {}

  static CommandSpec spec() {
    CommandSpec exceptions =
        Usage.group(
            "exceptions",
            call -> Exit.USAGE,
            "Shows what a plan leaves open, and changes what was agreed about it.",
            "exceptions list q4",
            "exceptions change q4 foo.9090.7840d4f70ac1aee5 --expires 2027-06-01");
    List.of(list(), add(), change(), remove())
        .forEach(command -> exceptions.addSubcommand(command.name(), command));
    return exceptions;
  }

  private static PositionalParamSpec plan() {
    return Usage.argument(0, Usage.PLAN, "Whose exceptions.");
  }

  private static PositionalParamSpec exception() {
    return Usage.argument(1, Usage.EXCEPTION, "Which one, by its id, as list prints it.");
  }

  private static CommandSpec list() {
    return Usage.command(
            "list",
            ExceptionCommands::list,
            "Lists what a plan leaves open, until which day, and who answers for it.",
            "exceptions list q4",
            "exceptions list q4 --state EXPIRED")
        .addPositional(plan())
        .addOption(Usage.text("--namespace", Usage.NAMESPACE, "Only of this one."))
        .addOption(Usage.text("--state", "VALID|EXPIRES_SOON|EXPIRED", "Only these."));
  }

  private static int list(RemoteCommand call) throws IOException, RefusedException {
    Map<String, String> query = new TreeMap<>(MeshCommands.WHOLE);
    call.option("--namespace").ifPresent(namespace -> query.put("namespace", namespace));
    call.option("--state").ifPresent(state -> query.put("state", state.toUpperCase(Locale.ROOT)));
    JsonNode exceptions = call.api().list(all(call), query);
    call.answer(exceptions, () -> list(exceptions.path("items")));
    return Exit.DONE;
  }

  private static List<String> list(JsonNode exceptions) {
    TextTable table =
        new TextTable("EXCEPTION", "SELECTOR", "OWNER", "EXPIRES", "STATE", "REASON", "PATHS");
    for (JsonNode exception : exceptions) {
      table.row(
          exception.path("id").asText(),
          selector(exception.path("selector").path("matchLabels")),
          exception.path("owner").asText(),
          exception.path("expires").asText(),
          exception.path("state").asText(),
          exception.path("reason").asText(),
          paths(exception.path("plaintextPaths")));
    }
    return table.isEmpty() ? List.of("there is no exception") : table.lines();
  }

  private static String selector(JsonNode labels) {
    List<String> texts = new ArrayList<>();
    labels.properties().forEach(e -> texts.add(e.getKey() + "=" + e.getValue().asText()));
    return String.join(",", texts);
  }

  private static String paths(JsonNode paths) {
    List<String> texts = new ArrayList<>();
    paths.forEach(path -> texts.add(path.asText()));
    return texts.isEmpty() ? "-" : String.join(",", texts);
  }

  private static CommandSpec add() {
    return Usage.command(
            "add",
            ExceptionCommands::add,
            "Leaves a port of a workload open. In a locked namespace it is opened with the next"
                + " tick of the plan.",
            "exceptions add q4 foo --selector app=httpbin --port 9090 --owner team-a --reason"
                + " scrape --expires 2027-03-01")
        .addPositional(plan())
        .addPositional(Usage.argument(1, Usage.NAMESPACE, "Namespace of the workload."))
        .addOption(Usage.texts(SELECTOR, "LABEL=VALUE", "Labels of its pods, separated by commas."))
        .addOption(Usage.text(PORT, "PORT", "Container port; all when left out."))
        .addOption(Usage.required(OWNER, "NAME", "Who answers for it."))
        .addOption(Usage.required(REASON, "TEXT", "Why it stays open."))
        .addOption(Usage.required(EXPIRES, "DAY", "Its last day (UTC), such as 2027-03-01."))
        .addOption(pathsOption());
  }

  private static OptionSpec pathsOption() {
    return OptionSpec.builder(
            Usage.texts(PATHS, "PATH", "Paths that plaintext may ask for, separated by commas."))
        .required(false)
        .build();
  }

  private static int add(RemoteCommand call) throws IOException, RefusedException {
    Map<String, Object> body = new TreeMap<>();
    body.put("namespace", call.argument(1));
    body.put("selector", Map.of("matchLabels", labels(call.values(SELECTOR))));
    call.option(PORT).ifPresent(port -> body.put("port", number(port)));
    for (String option : List.of(OWNER, REASON, EXPIRES)) {
      call.option(option).ifPresent(text -> body.put(option.substring(2), text));
    }
    if (!call.values(PATHS).isEmpty()) {
      body.put("plaintextPaths", call.values(PATHS));
    }
    JsonNode added = ServiceApi.told(call.api().post(all(call), body), "id");
    call.answer(added, () -> List.of(open(added)));
    return Exit.DONE;
  }

  private static Map<String, String> labels(List<String> texts) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      if (equals < 1) {
        throw new UsageException(
            SELECTOR + " takes labels such as app=httpbin, and '" + text + "' is none");
      }
      labels.put(text.substring(0, equals), text.substring(equals + 1));
    }
    return labels;
  }

  private static int number(String port) {
    try {
      return Integer.parseInt(port);
    } catch (NumberFormatException e) {
      throw new UsageException(PORT + " takes the number of a container port, not '" + port + "'");
    }
  }

  private static String open(JsonNode exception) {
    return AnswerText.of(exception, "{id} stays open until {expires}, by {owner}");
  }

  private static CommandSpec change() {
    return Usage.command(
            "change",
            ExceptionCommands::change,
            "Agrees to another last day, owner, reason or paths; what is left out stays as it is."
                + " Nothing is written to the mesh.",
            "exceptions change q4 foo.9090.7840d4f70ac1aee5 --expires 2027-06-01",
            "exceptions change q4 foo.9090.7840d4f70ac1aee5 --owner team-b --reason 'scrape, still'")
        .addPositional(plan())
        .addPositional(exception())
        .addOption(Usage.text(EXPIRES, "DAY", "Its last day (UTC), such as 2027-06-01."))
        .addOption(Usage.text(OWNER, "NAME", "Who answers for it."))
        .addOption(Usage.text(REASON, "TEXT", "Why it stays open."))
        .addOption(pathsOption());
  }

  private static int change(RemoteCommand call) throws IOException, RefusedException {
    List<String> agreed = new ArrayList<>(List.of(EXPIRES, OWNER, REASON, PATHS));
    agreed.removeIf(option -> !call.isGiven(option));
    if (agreed.isEmpty()) {
      throw new UsageException("name what is agreed: --expires, --owner, --reason or --path");
    }
    ServiceApi.Version read = call.api().read(one(call));
    if (!(read.body() instanceof ObjectNode exception)) {
      throw new IOException("the answer is no exception");
    }
    exception.remove(List.of("id", "state"));
    for (String option : List.of(EXPIRES, OWNER, REASON)) {
      call.option(option).ifPresent(text -> exception.put(option.substring(2), text));
    }
    if (agreed.contains(PATHS)) {
      ArrayNode paths = exception.putArray("plaintextPaths");
      call.values(PATHS).forEach(paths::add);
    }
    JsonNode changed = ServiceApi.told(call.api().put(one(call), exception, read.tag()), "id");
    call.answer(changed, () -> List.of(open(changed)));
    return Exit.DONE;
  }

  private static CommandSpec remove() {
    return Usage.command(
            "remove",
            ExceptionCommands::remove,
            "Ends an exception, while nothing of its namespace is in place because of the plan;"
                + " otherwise the answer names the commands that come first.",
            "exceptions remove q4 foo.9090.7840d4f70ac1aee5 --dry-run",
            "exceptions remove q4 foo.9090.7840d4f70ac1aee5")
        .addPositional(plan())
        .addPositional(exception())
        .addOption(
            Usage.flag(DRY_RUN, "Shows what would be refused without it, and ends nothing."));
  }

  private static int remove(RemoteCommand call) throws IOException, RefusedException {
    if (call.has(DRY_RUN)) {
      Map<String, String> query = new TreeMap<>(MeshCommands.WHOLE);
      query.put("dryRun", "true");
      JsonNode preview = ServiceApi.told(call.api().delete(one(call), query), "exception");
      call.answer(preview, () -> preview(call.argument(1), preview));
      return preview.path("hindrance").isTextual() ? Exit.REFUSED : Exit.DONE;
    }
    JsonNode plan = ServiceApi.told(call.api().delete(one(call), Map.of()), ActionCommands.PHASE);
    call.answer(
        plan, () -> List.of(PlanSubcommands.said(plan) + "; " + call.argument(1) + " has ended"));
    return Exit.DONE;
  }

  private static List<String> preview(String exception, JsonNode preview) {
    List<String> lines = new ArrayList<>();
    JsonNode hindrance = preview.path("hindrance");
    lines.add(
        hindrance.isTextual()
            ? exception + " cannot end yet: " + hindrance.asText()
            : exception + " may end");
    lines.addAll(MeshCommands.impact(preview.path("impact")));
    return lines;
  }

  private static String all(RemoteCommand call) {
    return ServiceApi.path("plans", call.argument(0), "exceptions");
  }

  private static String one(RemoteCommand call) {
    return ServiceApi.path("plans", call.argument(0), "exceptions", call.argument(1));
  }
}
