// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Commands for actions on a plan or one of its steps; the service's loop carries them out. */
final class ActionCommands {

  private static final String COMMENT = "--comment";
  private static final String FORCE = "--force";

  /** What the answer of a plan or a step has. */
  static final String PHASE = "phase";

  private static final String MESH = "--mesh";
  private static final String ALL = "--all";

  private ActionCommands() {}

  static List<CommandSpec> all() {
    return Stream.concat(
            ofPlans().stream(),
            Stream.of(rollback(), retry(), exempt(), skip(), override(), ignore()))
        .toList();
  }

  private static List<CommandSpec> ofPlans() {
    return List.of(
        ofPlan("start", "Starts a plan that is a draft."),
        ofPlan("pause", "Holds a plan: nothing more is locked until it is resumed."),
        ofPlan("resume", "Goes on with a plan that is paused."),
        ofPlan("abort", "Ends a plan, and leaves what is locked as it is."),
        ofPlan(
            "cleanup",
            "Removes every policy that an ended plan wrote, the mesh's first: the last step of"
                + " Istio's task."));
  }

  private static CommandSpec ofPlan(String action, String description) {
    return Usage.command(action, call -> plan(call, action), description, action + " q4")
        .addPositional(plan());
  }

  private static PositionalParamSpec plan() {
    return Usage.argument(0, Usage.PLAN, "Name of the plan.");
  }

  private static int plan(RemoteCommand call, String action) throws IOException, RefusedException {
    JsonNode plan =
        ServiceApi.told(
            call.api().post(ServiceApi.path("plans", call.argument(0), action), Map.of()), PHASE);
    call.answer(plan, () -> List.of(PlanSubcommands.said(plan) + "; " + action + " is taken"));
    return Exit.DONE;
  }

  private static CommandSpec rollback() {
    return Usage.command(
            "rollback",
            ActionCommands::rollback,
            "Brings back what was in force before: of one namespace, of the mesh step, or of all"
                + " that a plan has done.",
            "rollback q4 foo --comment 'billing still calls'",
            "rollback q4 --mesh",
            "rollback q4 --all")
        .addPositional(plan())
        .addPositional(Usage.optional(1, Usage.NAMESPACE, "Only this one."))
        .addOption(Usage.flag(MESH, "Only the mesh step."))
        .addOption(Usage.flag(ALL, "The whole plan."))
        .addOption(comment());
  }

  private static int rollback(RemoteCommand call) throws IOException, RefusedException {
    boolean ofStep = call.optional(1).isPresent() || call.has(MESH);
    if (ofStep == call.has(ALL)) {
      throw new UsageException(
          "name a namespace, --mesh, or --all for the whole plan, and only one of them");
    }
    if (ofStep) {
      return step(call, "rollback", body(call));
    }
    if (call.option(COMMENT).isPresent()) {
      throw new UsageException("--comment is kept with a step; the rollback of a plan has none");
    }
    return plan(call, "rollback");
  }

  private static CommandSpec retry() {
    return Usage.command(
            "retry",
            call -> step(call, "retry", body(call)),
            "Takes up again what was rolled back, exempt, skipped or held, through all its gates.",
            "retry q4 foo",
            "retry q4 --mesh")
        .addPositional(plan())
        .addPositional(Usage.optional(1, Usage.NAMESPACE, "Which one."))
        .addOption(Usage.flag(MESH, "The mesh step."))
        .addOption(comment());
  }

  private static CommandSpec exempt() {
    return ofNamespace(
        "exempt",
        "Leaves a namespace PERMISSIVE by a policy of its own, also when the mesh is STRICT; it"
            + " counts as done.");
  }

  private static CommandSpec skip() {
    return ofNamespace(
        "skip", "Leaves a namespace untouched. It does not count as done, so the mesh step waits.");
  }

  private static CommandSpec ofNamespace(String action, String description) {
    return Usage.command(
            action,
            call -> step(call, action, body(call)),
            description,
            action + " q4 bar --comment 'legacy moves in May'")
        .addPositional(plan())
        .addPositional(Usage.argument(1, Usage.NAMESPACE, "Which one."))
        .addOption(comment());
  }

  private static OptionSpec comment() {
    return Usage.text(COMMENT, "TEXT", "Why; is kept.");
  }

  private static CommandSpec override() {
    return Usage.command(
            "override",
            ActionCommands::override,
            "Lets gates of a namespace pass once with what they have found by now; never sync.",
            "override q4 foo --gate soak --comment 'agreed with team-a'")
        .addPositional(plan())
        .addPositional(Usage.argument(1, Usage.NAMESPACE, "Which one."))
        .addOption(Usage.texts("--gate", "GATE", "Which gates, separated by commas."))
        .addOption(Usage.flag(FORCE, "Whatever they find until the lock."))
        .addOption(Usage.required(COMMENT, "TEXT", "Why; is kept."));
  }

  private static int override(RemoteCommand call) throws IOException, RefusedException {
    Map<String, Object> body = new TreeMap<>(body(call));
    body.put("gates", call.values("--gate"));
    if (call.has(FORCE)) {
      body.put("force", true);
    }
    return step(call, "overrides", body);
  }

  private static CommandSpec ignore() {
    return Usage.command(
            "ignore",
            ActionCommands::ignore,
            "Lets a client fail: it neither holds a lock nor has it undone.",
            "ignore q4 legacy/curl --comment 'goes in May'",
            "ignore q4 10.0.9.0/24 --comment 'scanners'")
        .addPositional(plan())
        .addPositional(
            Usage.argument(1, "CLIENT", "namespace/workload, namespace/* or an address range."))
        .addOption(Usage.required(COMMENT, "TEXT", "Why; is kept."));
  }

  /**
   * Adds an ignored client: a range begins with a digit or has a colon, which no namespace before a
   * slash does.
   */
  private static int ignore(RemoteCommand call) throws IOException, RefusedException {
    String client = call.argument(1);
    boolean range = client.indexOf(':') >= 0 || client.matches("[0-9.]+(/[0-9]+)?");
    Map<String, Object> body = new TreeMap<>(body(call));
    body.put(range ? "cidr" : "workload", client);
    JsonNode plan =
        ServiceApi.told(
            call.api().post(ServiceApi.path("plans", call.argument(0), "ignored-clients"), body),
            PHASE);
    call.answer(
        plan, () -> List.of(PlanSubcommands.said(plan) + "; " + client + " may fail from now on"));
    return Exit.DONE;
  }

  private static Map<String, String> body(RemoteCommand call) {
    return call.option(COMMENT).map(comment -> Map.of("comment", comment)).orElse(Map.of());
  }

  private static int step(RemoteCommand call, String action, Map<String, ?> body)
      throws IOException, RefusedException {
    JsonNode step = ServiceApi.told(call.api().post(stepPath(call) + "/" + action, body), PHASE);
    call.answer(
        step,
        () -> List.of(AnswerText.of(step, "{namespace} of plan {plan}: ") + action + " is taken"));
    return Exit.DONE;
  }

  /**
   * Returns the path of the step that the second argument or {@code --mesh} names.
   *
   * @throws UsageException when neither or both do
   */
  static String stepPath(RemoteCommand call) {
    if (call.optional(1).isPresent() == call.has(MESH)) {
      throw new UsageException("name either a namespace or --mesh");
    }
    return call.optional(1)
        .map(namespace -> ServiceApi.path("plans", call.argument(0), "namespaces", namespace))
        .orElseGet(() -> ServiceApi.path("plans", call.argument(0), "mesh"));
  }
}
