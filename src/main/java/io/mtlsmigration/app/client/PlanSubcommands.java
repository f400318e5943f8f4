// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The commands {@code status} and {@code plan …}. */
final class PlanSubcommands {

  private static final String THE_PLAN = "Its name.";

  private PlanSubcommands() {}

  static CommandSpec status() {
    return Usage.command(
            "status",
            PlanSubcommands::status,
            "Says where the mesh and its plans stand; of one plan, where each step stands and what"
                + " it waits for.",
            "status",
            "status q4",
            "status q4 -o json")
        .addPositional(Usage.optional(0, Usage.PLAN, "Of which plan; all when left out."));
  }

  private static int status(RemoteCommand call) throws IOException, RefusedException {
    if (call.optional(0).isEmpty()) {
      return overview(call);
    }
    String plan = call.argument(0);
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    all.set("plan", call.api().get(ServiceApi.path("plans", plan), Map.of()));
    ArrayNode steps = all.putArray("steps");
    call.api()
        .list(ServiceApi.path("plans", plan, "namespaces"), MeshCommands.WHOLE)
        .path("items")
        .forEach(steps::add);
    if (all.path("plan").path("target").asText().equals("MESH")) {
      steps.add(call.api().get(ServiceApi.path("plans", plan, "mesh"), Map.of()));
    }
    call.answer(all, () -> status(call, all.path("plan"), steps));
    return Exit.DONE;
  }

  private static List<String> status(RemoteCommand call, JsonNode plan, ArrayNode steps) {
    List<String> lines = new ArrayList<>();
    lines.add(
        AnswerText.of(
                plan,
                "{name} ({target}) is {phase}, {progress.percent} % of {progress.total} steps; it"
                    + " may be asked to ")
            + actions(plan));
    TextTable table = new TextTable("STEP", "WAVE", "PHASE", "SINCE", "WHY");
    for (JsonNode step : steps) {
      String name = step.path("namespace").asText();
      List<String> reasons = reasons(plan, name);
      table.row(
          name,
          step.path("wave").asText("-"),
          step.path("phase").asText(),
          call.ago(step.path("since")),
          reasons.isEmpty() ? step.path("message").asText() : reasons.getFirst());
      reasons.stream().skip(1).forEach(reason -> table.row("", "", "", "", reason));
    }
    lines.addAll(table.lines());
    return lines;
  }

  private static List<String> reasons(JsonNode plan, String step) {
    List<String> reasons = new ArrayList<>();
    for (JsonNode waiting : plan.path("waitingOn")) {
      if (waiting.path("namespace").asText().equals(step)) {
        reasons.add(AnswerText.of(waiting, "{gate}: {message}"));
      }
    }
    return reasons;
  }

  private static String actions(JsonNode plan) {
    List<String> actions = new ArrayList<>();
    plan.path("allowedActions").forEach(a -> actions.add(a.asText().toLowerCase(Locale.ROOT)));
    return actions.isEmpty() ? "do nothing" : String.join(", ", actions);
  }

  static CommandSpec plan() {
    CommandSpec plan =
        Usage.group(
            "plan",
            call -> Exit.USAGE,
            "Makes plans and shows them.",
            "plan preview -f q4.yaml",
            "plan create -f q4.yaml --start",
            "plan show q4");
    List.of(list(), preview(), create(), show(), manifests(), report(), delete())
        .forEach(command -> plan.addSubcommand(command.name(), command));
    return plan;
  }

  private static CommandSpec list() {
    return Usage.command("list", PlanSubcommands::list, "Lists all plans.", "plan list");
  }

  private static int list(RemoteCommand call) throws IOException, RefusedException {
    JsonNode plans = call.api().list("/plans", MeshCommands.WHOLE);
    call.answer(plans, () -> list(plans.path("items")));
    return Exit.DONE;
  }

  /** Runs {@code status} without a plan. */
  private static int overview(RemoteCommand call) throws IOException, RefusedException {
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    all.set("mesh", call.api().get("/mesh", Map.of()));
    all.set("plans", call.api().list("/plans", MeshCommands.WHOLE).path("items"));
    call.answer(all, () -> overview(all));
    return Exit.DONE;
  }

  private static List<String> overview(ObjectNode all) {
    JsonNode mesh = all.path("mesh");
    JsonNode plaintext = mesh.path("plaintext");
    List<String> lines = new ArrayList<>();
    lines.add(
        "The mesh is %s: %s in %s (%s)"
            .formatted(
                mesh.path("mode").asText(),
                some(mesh.path("counts").path("workloads"), "workload"),
                some(mesh.path("counts").path("namespaces"), "namespace"),
                MeshCommands.counts(mesh.path("counts").path("byPosture"))));
    lines.add(
        "Plaintext within %s: from %s to %s (evidence: %s)"
            .formatted(
                RemoteCommand.span(plaintext.path("window")),
                some(plaintext.path("clients"), "client"),
                some(plaintext.path("namespaces"), "namespace"),
                MeshCommands.counts(plaintext.path("byEvidence"))));
    for (JsonNode source : mesh.path("sources")) {
      if (!source.path("problem").asText("").isEmpty()) {
        lines.add(AnswerText.of(source, "not known: {source}: {problem}"));
      }
    }
    lines.addAll(list(all.path("plans")));
    return lines;
  }

  private static String some(JsonNode count, String what) {
    return count.asInt() + " " + what + (count.asInt() == 1 ? "" : "s");
  }

  private static List<String> list(JsonNode plans) {
    TextTable table = new TextTable("PLAN", "TARGET", "PHASE", "DONE", "STEPS", "MADE BY");
    for (JsonNode plan : plans) {
      table.row(
          plan.path("name").asText(),
          plan.path("target").asText(),
          plan.path("phase").asText(),
          plan.path("progress").path("percent").asInt() + " %",
          MeshCommands.counts(plan.path("progress").path("byPhase")),
          plan.path("createdBy").asText());
    }
    return table.isEmpty() ? List.of("there is no plan") : table.lines();
  }

  private static CommandSpec preview() {
    return Usage.command(
            "preview",
            PlanSubcommands::preview,
            "Shows what a plan would be: its waves, what it would write, who would be refused."
                + " Nothing is stored.",
            "plan preview -f q4.yaml")
        .addOption(file());
  }

  private static CommandSpec create() {
    return Usage.command(
            "create",
            PlanSubcommands::create,
            "Makes a plan, as a draft that does nothing until it is started.",
            "plan create -f q4.yaml",
            "plan create -f - --start < q4.json")
        .addOption(file())
        .addOption(Usage.flag("--start", "Start it as well."));
  }

  private static OptionSpec file() {
    return OptionSpec.builder("-f", "--filename")
        .paramLabel(Usage.FILE)
        .required(true)
        .type(String.class)
        .description("The plan in YAML or JSON, as for POST /plans; - is stdin.")
        .build();
  }

  private static int preview(RemoteCommand call) throws IOException, RefusedException {
    JsonNode preview =
        call.api()
            .post("/plans", Map.of("dryRun", "true"), call.file("--filename"), ServiceApi.YAML);
    call.answer(preview, () -> preview(preview));
    return Exit.DONE;
  }

  private static List<String> preview(JsonNode preview) {
    List<String> lines = new ArrayList<>(waves(preview));
    lines.add("It would write:");
    preview.path("changes").forEach(change -> lines.add("  " + MeshCommands.change(change)));
    preview
        .path("exempt")
        .properties()
        .forEach(e -> lines.add("left open: %s: %s".formatted(e.getKey(), e.getValue().asText())));
    preview.path("obstacles").forEach(o -> lines.add("in the way: " + o.path("message").asText()));
    preview.path("warnings").forEach(warning -> lines.add("note: " + warning.asText()));
    return lines;
  }

  private static List<String> waves(JsonNode plan) {
    TextTable table = new TextTable("WAVE", "NAMESPACE", "WHY THERE");
    for (JsonNode wave : plan.path("waves")) {
      String name = wave.path("name").asText();
      for (JsonNode member : wave.path("members")) {
        table.row(name, member.path("namespace").asText(), member.path("reason").asText());
      }
    }
    return table.lines();
  }

  private static int create(RemoteCommand call) throws IOException, RefusedException {
    JsonNode made = call.api().post("/plans", Map.of(), call.file("--filename"), ServiceApi.YAML);
    if (call.has("--start")) {
      made =
          call.api().post(ServiceApi.path("plans", made.path("name").asText(), "start"), Map.of());
    }
    JsonNode plan = ServiceApi.told(made, ActionCommands.PHASE);
    call.answer(plan, () -> List.of(said(plan)));
    return Exit.DONE;
  }

  /** Returns {@code NAME is PHASE}. */
  static String said(JsonNode plan) {
    return AnswerText.of(plan, "{name} is {phase}");
  }

  private static CommandSpec show() {
    return Usage.command(
            "show",
            PlanSubcommands::show,
            "Shows what a plan asks for: waves, gates, exceptions, consents. Where it stands is"
                + " told by status.",
            "plan show q4",
            "plan show q4 -o json")
        .addPositional(Usage.argument(0, Usage.PLAN, THE_PLAN));
  }

  private static int show(RemoteCommand call) throws IOException, RefusedException {
    JsonNode plan = call.api().get(ServiceApi.path("plans", call.argument(0)), Map.of());
    call.answer(
        plan,
        () -> {
          List<String> lines = new ArrayList<>();
          lines.add(AnswerText.of(plan, "{name} is {phase}, made by {createdBy}"));
          lines.add(AnswerText.of(plan, "target {target}, ") + settings(plan));
          lines.addAll(waves(plan));
          plan.path("exceptions").forEach(e -> lines.add("exception: " + e));
          for (JsonNode approval : plan.path("approvals")) {
            lines.add(AnswerText.of(approval, "approved: {subject} by {by} {comment}"));
          }
          return lines;
        });
    return Exit.DONE;
  }

  private static String settings(JsonNode plan) {
    List<String> settings = new ArrayList<>();
    for (JsonNode part : List.of(plan.path("gates"), plan.path("verification"))) {
      for (Map.Entry<String, JsonNode> entry : part.properties()) {
        if (entry.getValue().isValueNode() && !entry.getValue().isNull()) {
          settings.add(entry.getKey() + " " + entry.getValue().asText());
        }
      }
    }
    return String.join(", ", settings);
  }

  private static CommandSpec manifests() {
    return Usage.command(
            "manifests",
            call -> document(call, "manifests", ServiceApi.YAML),
            "Prints the policies that a plan has written or would write, as YAML, for GitOps; there"
                + " is no JSON of them.",
            "plan manifests q4 > policies.yaml")
        .addPositional(Usage.argument(0, Usage.PLAN, THE_PLAN));
  }

  private static CommandSpec report() {
    return Usage.command(
            "report",
            call -> document(call, "report", "text/markdown"),
            "Prints who approved what, and on which evidence each namespace was locked, as"
                + " Markdown.",
            "plan report q4 > q4.md")
        .addPositional(Usage.argument(0, Usage.PLAN, THE_PLAN));
  }

  private static int document(RemoteCommand call, String name, String type)
      throws IOException, RefusedException {
    String path = ServiceApi.path("plans", call.argument(0), name);
    if (call.isJson() && type.equals(ServiceApi.YAML)) {
      throw new UsageException(name + " are YAML alone: leave -o json out");
    }
    if (call.isJson()) {
      call.answer(call.api().get(path, Map.of()), List::of);
    } else {
      call.print(call.api().text(path, Map.of(), type).lines().toList());
    }
    return Exit.DONE;
  }

  private static CommandSpec delete() {
    return Usage.command(
            "delete",
            PlanSubcommands::delete,
            "Deletes a plan that has not begun, or has ended.",
            "plan delete q4")
        .addPositional(Usage.argument(0, Usage.PLAN, THE_PLAN))
        .addOption(
            Usage.flag(
                "--keep-policies",
                "Although policies that it wrote are in place: nobody knows the way back then."));
  }

  private static int delete(RemoteCommand call) throws IOException, RefusedException {
    Map<String, String> query =
        call.has("--keep-policies") ? Map.of("keepPolicies", "true") : Map.of();
    String plan = call.argument(0);
    if (!call.api().delete(ServiceApi.path("plans", plan), query).isMissingNode()) {
      throw new IOException(
          "the answer to a deletion is empty; this one is none of mtls-migration");
    }
    call.answer(
        JsonNodeFactory.instance.objectNode().put("deleted", plan),
        () -> List.of(plan + " is deleted"));
    return Exit.DONE;
  }
}
