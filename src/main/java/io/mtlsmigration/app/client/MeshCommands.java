// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Read-only commands about the mesh and its namespaces. */
final class MeshCommands {

  /** The largest page of a list, for fewer calls. */
  static final Map<String, String> WHOLE = Map.of("limit", "1000");

  private static final String WINDOW = "window";

  /** What is looked at where nothing else is asked for. */
  private static final String DAY = "24h";

  private static final String NOT_KNOWN = "not known: {namespace}: {detail}";

  private static final String EXIT_CODE = "--exit-code";

  private MeshCommands() {}

  static List<CommandSpec> all() {
    return List.of(who(), ready(), impact(), findings(), matrix(), events());
  }

  private static CommandSpec who() {
    return Usage.command(
            "who",
            MeshCommands::who,
            "Says who still sends plaintext to a namespace, as its servers saw it, the service's"
                + " own probes left out.",
            "who foo",
            "who foo --window 7d --exit-code")
        .addPositional(Usage.argument(0, Usage.NAMESPACE, "Whose servers."))
        .addOption(Usage.text("--window", "DURATION", "How far back (24h)."))
        .addOption(
            Usage.flag(EXIT_CODE, "End with 1 when there is anybody, or something is not known."));
  }

  private static int who(RemoteCommand call) throws IOException, RefusedException {
    String namespace = call.argument(0);
    Map<String, String> query = new TreeMap<>(WHOLE);
    query.put("namespace", namespace);
    query.put("security", "plaintext");
    // Only of a window that is named is the whole of it asked for.
    call.option("--window")
        .or(() -> call.has(EXIT_CODE) ? Optional.of(DAY) : Optional.empty())
        .ifPresent(window -> query.put(WINDOW, window));
    // An unknown namespace is an error here, not an empty answer.
    call.api().get(ServiceApi.path("namespaces", namespace), Map.of());
    JsonNode traffic = call.api().list("/traffic", query);
    call.answer(traffic, () -> clients(call, namespace, traffic));
    boolean silent = traffic.path("items").isEmpty() && traffic.path("gapCount").asInt() == 0;
    return call.has(EXIT_CODE) && !silent ? Exit.REFUSED : Exit.DONE;
  }

  private static List<String> clients(RemoteCommand call, String namespace, JsonNode traffic) {
    TextTable table = new TextTable("FROM", "TO", "PORT", "CALLS", "LAST SEEN", "CLIENT");
    for (JsonNode edge : traffic.path("items")) {
      table.row(
          edge.path("from").asText(),
          edge.path("to").asText(),
          edge.path("port").asText("-"),
          edge.path("count").asText(),
          call.ago(edge.path("lastSeen")) + " ago",
          client(edge.path("client")));
    }
    List<String> lines = new ArrayList<>();
    if (table.isEmpty()) {
      lines.add(
          "nobody was seen to send plaintext to %s within %s"
              .formatted(namespace, RemoteCommand.span(traffic.path("window"))));
    } else {
      lines.addAll(table.lines());
    }
    for (JsonNode gap : traffic.path("gaps")) {
      lines.add(AnswerText.of(gap, NOT_KNOWN));
    }
    return lines;
  }

  private static String client(JsonNode client) {
    List<String> known = new ArrayList<>();
    for (String field : new String[] {"workloadKind", "owner", "service", "node", "address"}) {
      if (client.path(field).isTextual()) {
        known.add(client.path(field).asText());
      }
    }
    return known.isEmpty() ? "-" : String.join(", ", known);
  }

  private static CommandSpec ready() {
    return Usage.command(
            "ready",
            MeshCommands::ready,
            "Says whether a namespace would be locked now, gate by gate. Ends with 1 unless it"
                + " would.",
            "ready foo",
            "ready foo --plan q4")
        .addPositional(Usage.argument(0, Usage.NAMESPACE, "Which one."))
        .addOption(
            Usage.text(
                "--plan", Usage.PLAN, "By whose gates; else its active plan's, or the defaults."));
  }

  private static int ready(RemoteCommand call) throws IOException, RefusedException {
    JsonNode readiness =
        call.api().get(ServiceApi.path("namespaces", call.argument(0), "readiness"), plan(call));
    call.answer(
        readiness,
        () -> {
          List<String> lines = new ArrayList<>();
          lines.add(AnswerText.of(readiness, "{namespace} is {verdict}, by the gates of {basis}"));
          lines.addAll(gates(readiness.path("gates")));
          return lines;
        });
    return readiness.path("verdict").asText().equals("READY") ? Exit.DONE : Exit.REFUSED;
  }

  static List<String> gates(JsonNode gates) {
    TextTable table = new TextTable("GATE", "RESULT", "WHY");
    for (JsonNode gate : gates) {
      table.row(
          gate.path("gate").asText(), gate.path("result").asText(), gate.path("message").asText());
      gate.path("evidence").forEach(evidence -> table.row("", "", "- " + evidence.asText()));
    }
    return table.lines();
  }

  private static CommandSpec impact() {
    return Usage.command(
            "impact",
            MeshCommands::impact,
            "Says what STRICT would do to a namespace, or without one to the whole mesh: what would"
                + " be written, and who would be refused.",
            "impact foo",
            "impact --plan q4 --exit-code")
        .addPositional(Usage.optional(0, Usage.NAMESPACE, "Which one; the mesh when left out."))
        .addOption(Usage.text("--plan", Usage.PLAN, "The plan whose exceptions count."))
        .addOption(
            Usage.flag(
                EXIT_CODE,
                "End with 1 when a call that works now would be refused, or calls cannot be"
                    + " measured."));
  }

  private static int impact(RemoteCommand call) throws IOException, RefusedException {
    Map<String, String> query = new TreeMap<>(plan(call));
    query.put("breaking", "true");
    JsonNode impact = impact(call, call.optional(0).orElse(null), query);
    if (!call.has(EXIT_CODE)) {
      call.answer(impact, () -> impact(impact));
      return Exit.DONE;
    }
    List<String> unknown = unmeasured(call);
    call.answer(impact, () -> impact(impact));
    call.note(unknown);
    boolean harmless = ServiceApi.told(impact, "breaking").asInt() == 0;
    return harmless && unknown.isEmpty() ? Exit.DONE : Exit.REFUSED;
  }

  /**
   * Returns, in words, where no traffic can be measured: who is known from their calls alone is
   * missing in an impact then.
   */
  private static List<String> unmeasured(RemoteCommand call) throws IOException, RefusedException {
    Map<String, String> query = new TreeMap<>(Map.of("limit", "1", WINDOW, DAY));
    call.optional(0).ifPresent(namespace -> query.put("namespace", namespace));
    JsonNode traffic = ServiceApi.told(call.api().get("/traffic", query), "gapCount");
    List<String> unknown = new ArrayList<>();
    for (JsonNode gap : traffic.path("gaps")) {
      if (gap.path("state").asText().equals("UNAVAILABLE")) {
        unknown.add(AnswerText.of(gap, NOT_KNOWN));
      }
    }
    return unknown;
  }

  /**
   * Returns all calls of an impact that match a query.
   *
   * @param namespace null for the mesh, since a namespace may have that name
   */
  static JsonNode impact(RemoteCommand call, @Nullable String namespace, Map<String, String> query)
      throws IOException, RefusedException {
    Map<String, String> whole = new TreeMap<>(query);
    whole.putAll(WHOLE);
    String path =
        namespace == null ? "/mesh/impact" : ServiceApi.path("namespaces", namespace, "impact");
    return call.api().list(path, whole);
  }

  static List<String> impact(JsonNode impact) {
    List<String> lines = new ArrayList<>();
    lines.add(
        AnswerText.of(
            impact,
            "STRICT for {subject}, by {basis}: {breaking} of {total} known calls work now and"
                + " would be refused"));
    impact.path("changes").forEach(change -> lines.add("  " + change(change)));
    TextTable table = new TextTable("  FROM", "TO", "NOW", "THEN", "KNOWN BY");
    for (JsonNode flow : impact.path("flows")) {
      if (flow.path("breaks").asBoolean()) {
        table.row(
            "  " + flow.path("from").asText(),
            flow.path("to").asText(),
            flow.path("now").asText(),
            flow.path("then").asText(),
            flow.path("basis").asText());
      }
    }
    if (!table.isEmpty()) {
      lines.addAll(table.lines());
    }
    lines.add(AnswerText.of(impact, "  hash {hash}"));
    return lines;
  }

  /** Returns a line such as {@code CREATE foo/default STRICT: why}. */
  static String change(JsonNode change) {
    String mode = change.path("after").path("mode").asText("");
    return AnswerText.of(
        change,
        "{action} {policy.namespace}/{policy.name}"
            + (mode.isEmpty() ? "" : " {after.mode}")
            + ": {why}");
  }

  private static Map<String, String> plan(RemoteCommand call) {
    return call.option("--plan").map(plan -> Map.of("plan", plan)).orElse(Map.of());
  }

  private static CommandSpec findings() {
    return Usage.command(
            "findings",
            MeshCommands::findings,
            "Lists hazards, the most severe first, with what to do about each.",
            "findings",
            "findings foo --severity BLOCKER")
        .addPositional(Usage.optional(0, Usage.NAMESPACE, "Which one; all when left out."))
        .addOption(Usage.text("--severity", "BLOCKER|WARNING|INFO", "Only these."));
  }

  private static int findings(RemoteCommand call) throws IOException, RefusedException {
    Map<String, String> query = new TreeMap<>(WHOLE);
    call.optional(0).ifPresent(namespace -> query.put("namespace", namespace));
    call.option("--severity").ifPresent(s -> query.put("severity", s.toUpperCase(Locale.ROOT)));
    JsonNode findings = call.api().list("/findings", query);
    call.answer(
        findings,
        () -> {
          List<String> lines = new ArrayList<>();
          for (JsonNode finding : findings.path("items")) {
            lines.add(
                AnswerText.of(
                    finding,
                    "{severity} {code} {subject.kind} {subject.namespace}/{subject.name}"));
            lines.add(AnswerText.of(finding, "  {message}"));
            lines.add(AnswerText.of(finding, "  what to do: {remedy}"));
          }
          return lines.isEmpty() ? List.of("no hazard is known") : lines;
        });
    return Exit.DONE;
  }

  private static CommandSpec matrix() {
    return Usage.command(
            "matrix",
            MeshCommands::matrix,
            "Prints who reaches whom, as the service's latest probes found it, in the lines of"
                + " Istio's task.",
            "matrix",
            "matrix --from legacy --to foo")
        .addOption(Usage.text("--from", Usage.NAMESPACE, "Clients of this namespace."))
        .addOption(Usage.text("--to", Usage.NAMESPACE, "Servers of this namespace."));
  }

  private static int matrix(RemoteCommand call) throws IOException, RefusedException {
    Map<String, String> query = new TreeMap<>();
    call.option("--from").ifPresent(namespace -> query.put("from", namespace));
    call.option("--to").ifPresent(namespace -> query.put("to", namespace));
    if (call.isJson()) {
      Map<String, String> whole = new TreeMap<>(query);
      whole.putAll(WHOLE);
      call.answer(call.api().list("/connectivity", whole), List::of);
    } else {
      call.print(call.api().text("/connectivity", query, "text/plain").lines().toList());
    }
    return Exit.DONE;
  }

  private static CommandSpec events() {
    return Usage.command(
            "events",
            MeshCommands::events,
            "Shows what has happened last, the newest first, of all plans or of one.",
            "events q4",
            "events q4 --limit 200 -o json",
            "events --since 2026-11-25T10:00:00Z")
        .addPositional(Usage.optional(0, Usage.PLAN, "Of which plan; all when left out."))
        .addOption(Usage.text("--limit", "N", "How many (30)."))
        .addOption(
            Usage.text("--since", "INSTANT", "None before it, such as 2026-11-25T10:00:00Z."));
  }

  private static int events(RemoteCommand call) throws IOException, RefusedException {
    String path =
        call.optional(0).map(plan -> ServiceApi.path("plans", plan)).orElse("") + "/events";
    Map<String, String> query = new TreeMap<>();
    query.put("limit", call.option("--limit").orElse("30"));
    call.option("--since").ifPresent(since -> query.put("since", since));
    JsonNode events = call.api().get(path, query);
    call.answer(
        events,
        () -> {
          TextTable table = new TextTable("AGO", "PLAN", "STEP", "WHAT", "WHO", "MESSAGE");
          for (JsonNode event : events.path("items")) {
            table.row(
                call.ago(event.path("at")),
                event.path("plan").asText("-"),
                event.path("namespace").asText("-"),
                what(event),
                event.path("actor").asText("-"),
                event.path("message").asText());
          }
          return table.lines();
        });
    return Exit.DONE;
  }

  private static String what(JsonNode event) {
    return event.path("to").isTextual()
        ? event.path("from").asText("") + " → " + event.path("to").asText()
        : event.path("type").asText();
  }

  static String counts(JsonNode counts) {
    List<String> all = new ArrayList<>();
    counts.properties().forEach(e -> all.add(e.getValue().asInt() + " " + e.getKey()));
    return all.isEmpty() ? "none" : String.join(", ", all);
  }
}
