// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Commands for how long a plan looks, and for the clients that may fail. */
final class TermsCommands {

  private static final String OVERRIDE = "--override";
  private static final String COMMENT = "--comment";

  /** The options, and the fields that they change. */
  private static final Map<String, String> WINDOWS = new LinkedHashMap<>();

  static {
    WINDOWS.put("--plaintext-window", "plaintextWindow");
    WINDOWS.put("--soak", "soak");
    WINDOWS.put("--audit", "audit");
    WINDOWS.put("--verification", "verificationDuration");
  }

  private TermsCommands() {}

  static List<CommandSpec> all() {
    return List.of(windows(), ignored(), heed());
  }

  private static PositionalParamSpec plan() {
    return Usage.argument(0, Usage.PLAN, "Name of the plan.");
  }

  private static CommandSpec windows() {
    return Usage.command(
            "windows",
            TermsCommands::windows,
            "Shows how long a plan looks before and after a lock, or changes that, also while it"
                + " runs; what is left out stays as it is.",
            "windows q4",
            "windows q4 --plaintext-window 7d",
            "windows q4 --soak 10m --override --comment 'agreed with team-a'")
        .addPositional(plan())
        .addOption(
            Usage.text(
                "--plaintext-window", "DURATION", "For how long nobody may have sent plaintext."))
        .addOption(Usage.text("--soak", "DURATION", "For how long all gates must have held."))
        .addOption(
            Usage.text("--audit", "DURATION|none", "Length of the dry run of STRICT, or none."))
        .addOption(
            Usage.text("--verification", "DURATION", "For how long a locked namespace is watched."))
        .addOption(Usage.flag(OVERRIDE, "One may be shorter than before."))
        .addOption(Usage.text(COMMENT, "TEXT", "Why; is kept."));
  }

  private static int windows(RemoteCommand call) throws IOException, RefusedException {
    String path = ServiceApi.path("plans", call.argument(0), "windows");
    List<String> given = new ArrayList<>(WINDOWS.keySet());
    given.removeIf(option -> !call.isGiven(option));
    if (given.isEmpty() && (call.has(OVERRIDE) || call.isGiven(COMMENT))) {
      throw new UsageException("name what changes: " + String.join(", ", WINDOWS.keySet()));
    }
    ServiceApi.Version read = call.api().read(path);
    JsonNode windows = read.body();
    if (!given.isEmpty()) {
      windows =
          ServiceApi.told(
              call.api().put(path, changed(call, given, windows), read.tag()), "plaintextWindow");
    }
    JsonNode shown = windows;
    call.answer(shown, () -> lines(shown));
    return Exit.DONE;
  }

  private static JsonNode changed(RemoteCommand call, List<String> given, JsonNode read)
      throws IOException {
    if (!(read instanceof ObjectNode windows)) {
      throw new IOException("the answer is no windows");
    }
    for (String option : given) {
      windows.put(WINDOWS.get(option), call.option(option).orElseThrow());
    }
    if (windows.path("audit").isNull() || windows.path("audit").asText().equals("none")) {
      windows.remove("audit");
    }
    if (call.has(OVERRIDE)) {
      windows.put("override", true);
    }
    call.option(COMMENT).ifPresent(comment -> windows.put("comment", comment));
    return windows;
  }

  private static List<String> lines(JsonNode windows) {
    TextTable table = new TextTable("WINDOW", "LENGTH");
    WINDOWS
        .values()
        .forEach(
            field -> table.row(field, windows.path(field).asText("none").replace("null", "none")));
    return table.lines();
  }

  private static CommandSpec ignored() {
    return Usage.command(
            "ignored",
            TermsCommands::ignored,
            "Lists the clients that may fail; ignore adds one, and heed takes it off.",
            "ignored q4")
        .addPositional(plan());
  }

  private static int ignored(RemoteCommand call) throws IOException, RefusedException {
    JsonNode clients = call.api().list(clients(call), MeshCommands.WHOLE);
    List<String> lines = new ArrayList<>();
    clients.path("items").forEach(client -> lines.add(words(client)));
    call.answer(clients, () -> lines.isEmpty() ? List.of("no client may fail") : lines);
    return Exit.DONE;
  }

  private static String words(JsonNode client) {
    return client.path(client.path("workload").isTextual() ? "workload" : "cidr").asText();
  }

  private static CommandSpec heed() {
    return Usage.command(
            "heed",
            TermsCommands::heed,
            "Lets a client fail no longer: it holds locks again, and has them undone. What is"
                + " locked stays locked.",
            "heed q4 legacy/curl",
            "heed q4 10.0.9.0/24")
        .addPositional(plan())
        .addPositional(Usage.argument(1, "CLIENT", "Which one, as ignored lists it."));
  }

  private static int heed(RemoteCommand call) throws IOException, RefusedException {
    String client = call.argument(1);
    for (JsonNode one : call.api().list(clients(call), MeshCommands.WHOLE).path("items")) {
      if (words(one).equals(client)) {
        String path =
            ServiceApi.path("plans", call.argument(0), "ignored-clients", one.path("id").asText());
        JsonNode plan = ServiceApi.told(call.api().delete(path, Map.of()), ActionCommands.PHASE);
        call.answer(
            plan, () -> List.of(PlanSubcommands.said(plan) + "; " + client + " counts again"));
        return Exit.DONE;
      }
    }
    throw new UsageException(client + " is no client that may fail; ignored lists those");
  }

  private static String clients(RemoteCommand call) {
    return ServiceApi.path("plans", call.argument(0), "ignored-clients");
  }
}
