// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.mtlsmigration.plan.Digest;
import io.mtlsmigration.plan.StepName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Approval in two steps, so that nobody approves something unseen: first the impact is shown with
 * its hash, then exactly that impact is approved.
 */
final class ApproveCommand {

  private static final String IMPACT = "--impact";
  private static final String YES = "--yes";
  private static final String WAVE = "--wave";
  private static final String MESH = "--mesh";

  private ApproveCommand() {}

  static CommandSpec spec() {
    return Usage.command(
            "approve",
            ApproveCommand::run,
            "Approves what a plan is about to do. Without --impact it only shows that, with its"
                + " hash, and ends with 1; with the hash exactly that is approved, and refused when"
                + " it has changed since.",
            "approve q4 foo",
            "approve q4 foo --impact 3b0c… --comment 'agreed with team-a'",
            "approve q4 --wave first --yes",
            "approve q4 --mesh --yes")
        .addPositional(Usage.argument(0, Usage.PLAN, "Name of the plan."))
        .addPositional(Usage.optional(1, Usage.NAMESPACE, "Which one."))
        .addOption(Usage.text(WAVE, Usage.WAVE, "All namespaces of a wave."))
        .addOption(Usage.flag(MESH, "The mesh step."))
        .addOption(Usage.text(IMPACT, "HASH", "The impact that was seen, by its hash."))
        .addOption(Usage.flag(YES, "Approve the impact as it is now, whatever it is."))
        .addOption(Usage.text("--comment", "TEXT", "Is kept."));
  }

  private static int run(RemoteCommand call) throws IOException, RefusedException {
    String plan = call.argument(0);
    List<JsonNode> impacts = impacts(call, plan);
    Optional<String> wave = call.option(WAVE);
    String hash = wave.isPresent() ? hash(impacts) : impacts.getFirst().path("hash").asText();
    Optional<String> seen = call.option(IMPACT);
    if (seen.isEmpty() && !call.has(YES)) {
      call.answer(all(impacts), () -> shown(impacts, wave.isPresent() ? hash : ""));
      call.note(List.of("Nothing is approved yet. To approve exactly this: --impact " + hash));
      return Exit.REFUSED;
    }
    if (seen.isPresent() && !seen.get().equals(hash)) {
      call.note(
          List.of(
              "The impact is not the one that was seen",
              "  it has the hash " + hash,
              "  what to do: look at it again, without --impact"));
      return Exit.REFUSED;
    }
    JsonNode approved =
        ServiceApi.told(
            call.api().post(ServiceApi.path("plans", plan, "approvals"), body(call, hash)),
            ActionCommands.PHASE);
    call.answer(approved, () -> done(approved, impacts));
    return Exit.DONE;
  }

  private static List<JsonNode> impacts(RemoteCommand call, String plan)
      throws IOException, RefusedException {
    Map<String, String> query = Map.of("plan", plan, "breaking", "true");
    Optional<String> wave = call.option(WAVE);
    long named =
        Stream.of(call.optional(1).isPresent(), wave.isPresent(), call.has(MESH))
            .filter(is -> is)
            .count();
    if (named != 1) {
      throw new UsageException("name a namespace, --wave or --mesh, and only one of them");
    }
    if (call.has(MESH)) {
      return List.of(MeshCommands.impact(call, null, query));
    }
    List<JsonNode> impacts = new ArrayList<>();
    for (String namespace :
        wave.isPresent()
            ? members(call, plan, wave.get())
            : List.of(StepName.namespace(call.argument(1)))) {
      impacts.add(MeshCommands.impact(call, namespace, query));
    }
    return impacts;
  }

  private static List<String> members(RemoteCommand call, String plan, String name)
      throws IOException, RefusedException {
    JsonNode waves = call.api().get(ServiceApi.path("plans", plan), Map.of()).path("waves");
    for (JsonNode wave : waves) {
      if (wave.path("name").asText().equals(name)) {
        List<String> members = new ArrayList<>();
        wave.path("namespaces").forEach(namespace -> members.add(namespace.asText()));
        if (members.isEmpty()) {
          throw new UsageException("there is no namespace in that wave of plan " + plan);
        }
        return members;
      }
    }
    throw new UsageException("plan " + plan + " has no wave of that name");
  }

  private static ArrayNode all(List<JsonNode> impacts) {
    return JsonNodeFactory.instance.arrayNode().addAll(impacts);
  }

  private static List<String> shown(List<JsonNode> impacts, String ofWave) {
    List<String> lines = new ArrayList<>();
    impacts.forEach(impact -> lines.addAll(MeshCommands.impact(impact)));
    if (!ofWave.isEmpty()) {
      lines.add("hash of the wave " + ofWave);
    }
    return lines;
  }

  private static List<String> done(JsonNode plan, List<JsonNode> impacts) {
    return impacts.stream()
        .map(
            impact ->
                AnswerText.of(impact, "{subject} of plan ")
                    + AnswerText.of(plan, "{name} is approved; ")
                    + AnswerText.of(impact, "{breaking} known calls will be refused"))
        .toList();
  }

  private static Map<String, Object> body(RemoteCommand call, String hash) {
    Map<String, Object> body = new TreeMap<>();
    if (call.has(MESH)) {
      body.put("mesh", true);
    }
    call.optional(1).ifPresent(namespace -> body.put("namespace", namespace));
    call.option(WAVE).ifPresent(wave -> body.put("wave", wave));
    body.put("impactHash", hash);
    call.option("--comment").ifPresent(comment -> body.put("comment", comment));
    return body;
  }

  private static String hash(List<JsonNode> impacts) {
    SequencedMap<String, String> hashes = new LinkedHashMap<>();
    impacts.forEach(
        impact -> hashes.put(impact.path("subject").asText(), impact.path("hash").asText()));
    return Digest.ofWave(hashes);
  }
}
