// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanWindows;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.commands.Overriding;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.rollout.commands.Waiting;
import io.mtlsmigration.rollout.commands.WindowChange;
import io.mtlsmigration.testing.Halted;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What people ask of the service. A command that is not taken is told in the story. */
final class Commands {

  private static final String ANN = "ann";

  private final World world;
  private final List<String> words;
  private final PlanCommands commands;

  private Commands(World world, List<String> words) {
    this.world = world;
    this.words = words;
    this.commands = world.leader().commands;
  }

  static void act(World world, List<String> words) {
    try {
      new Commands(world, words).act();
    } catch (CommandException | RolloutLedger.UnavailableException e) {
      world.story.tell(world.now(), "   refused: " + e.getMessage());
    }
  }

  private void act() {
    String verb = words.getFirst();
    String plan = words.size() > 1 ? words.get(1) : "";
    switch (verb) {
      case "plan" -> commands.create(spec(), ANN);
      case "start", "pause", "resume", "abort", "rollback", "cleanup" -> {
        PlanAction action = PlanAction.valueOf(verb.toUpperCase(Locale.ROOT));
        asked(
            () -> commands.act(plan, action, null, ANN, granting(plan)),
            () -> world.judge.asked(plan, ""));
      }
      case "delete" -> commands.delete(plan, version(plan), false, ANN);
      case "step" -> {
        StepAction action = StepAction.valueOf(words.get(3).toUpperCase(Locale.ROOT));
        boolean ended = ended(plan);
        asked(
            () -> commands.act(plan, key(2), action, "", null, ANN, granting(plan)),
            () -> {
              world.judge.asked(plan, words.get(2));
              if (ended) {
                world.judge.takenUp(plan);
              }
            });
      }
      case "override" -> {
        Set<Gate> gates = new HashSet<>();
        for (String gate : words.get(3).split(",")) {
          gates.add(Gate.valueOf(gate.toUpperCase(Locale.ROOT)));
        }
        asked(
            () -> commands.override(plan, key(2), gates, "because", false, null, ANN),
            () -> {
              world.judge.asked(plan, words.get(2));
              world.judge.overridden(plan, words.get(2));
            });
      }
      case "approve" ->
          asked(
              () -> commands.approve(plan, words.get(2), null, "", null, ANN),
              () -> {
                world.judge.asked(plan, words.get(2));
                world.judge.approved(plan, words.get(2));
              });
      case "except" -> except(plan);
      case "end" ->
          terms(
              plan, () -> commands.removeException(plan, exception(words.get(2)).id(), null, ANN));
      case "window" -> terms(plan, () -> window(plan));
      case "ignore" -> terms(plan, () -> commands.ignore(plan, client(), "because", null, ANN));
      case "touch" -> touch();
      case "heed" -> terms(plan, () -> commands.heed(plan, client().id(), null, ANN));
      default -> throw new IllegalArgumentException("nobody knows how to " + words);
    }
  }

  /**
   * People do as they are told: they touch each policy that a plan names for istiod to make anew.
   */
  private void touch() {
    List<PeerAuthentication> named = new ArrayList<>();
    for (PlanRecord record : world.book.plans().values()) {
      for (Waiting one : commands.waitingOn(record)) {
        int words = one.message().indexOf("touch ");
        world
            .cluster
            .all()
            .forEach(
                namespace ->
                    namespace.policies.values().stream()
                        .filter(policy -> words >= 0)
                        .filter(policy -> one.message().indexOf(policy.ref().toString(), words) > 0)
                        .forEach(named::add));
      }
    }
    named.forEach(policy -> world.api.person(policy.ref(), policy.spec()));
  }

  /** Whoever dies after the save has asked for it all the same, and who gets no answer may have. */
  private static void asked(Runnable command, Runnable note) {
    try {
      command.run();
    } catch (Halted | RolloutLedger.UnavailableException e) {
      note.run();
      throw e;
    }
    note.run();
  }

  /** What gates go by: nobody's consent of before counts any more. */
  private void terms(String plan, Runnable command) {
    world.judge.changes(plan, command);
  }

  private PlanSpec.IgnoredClient client() {
    return new PlanSpec.IgnoredClient(null, words.get(2));
  }

  /**
   * {@code window p1 3600 300}: how long nobody may have called, and how long a lock is watched.
   */
  private void window(String plan) {
    PlanRecord record = world.book.plans().get(plan);
    if (record == null) {
      return;
    }
    PlanWindows old = PlanWindows.of(record.spec());
    PlanWindows next =
        new PlanWindows(
            Duration.ofSeconds(Long.parseLong(words.get(2))),
            old.soak(),
            old.audit(),
            Duration.ofSeconds(Long.parseLong(words.get(3))));
    commands.changeWindows(
        plan, new WindowChange(next, true, "because"), null, ANN, (other, what) -> {});
  }

  /** Ann may override any plan, and the judge remembers what she was asked about. */
  private Overriding granting(String plan) {
    return (other, what) -> world.judge.granted(plan, other);
  }

  private boolean ended(String plan) {
    PlanRecord record = world.book.plans().get(plan);
    return record != null && !record.active() && record.phase() != PlanPhase.DRAFT;
  }

  private String version(String plan) {
    PlanRecord record = world.book.plans().get(plan);
    return record == null ? "" : record.version();
  }

  private StepKey key(int at) {
    return words.get(at).equals("mesh") ? StepKey.MESH : new StepKey(words.get(at));
  }

  private void except(String plan) {
    PlanRecord record = world.book.plans().get(plan);
    if (record == null) {
      return;
    }
    PlanSpec old = record.spec();
    List<PlanSpec.PolicyException> more = new ArrayList<>(old.exceptions());
    more.add(exception(words.get(2)));
    PlanSpec next =
        new PlanSpec(
            old.name(),
            old.target(),
            old.scope(),
            old.waves(),
            old.gates(),
            old.verification(),
            old.onFailure(),
            old.apply(),
            old.adopt(),
            more,
            PlanSpec.Start.ON_COMMAND);
    commands.replace(plan, next, record.version(), ANN, false, granting(plan));
    world.judge.asked(plan, "");
  }

  /** {@code foo/httpbin}: the whole workload stays open; {@code foo/httpbin:9090}: that port. */
  private static PlanSpec.PolicyException exception(String what) {
    String[] id = what.split("[/:]");
    return new PlanSpec.PolicyException(
        id[0],
        Map.of("app", id[1]),
        id.length > 2 ? Integer.valueOf(id[2]) : null,
        "team",
        "cannot",
        LocalDate.parse("2027-03-01"),
        List.of());
  }

  /** {@code plan p1 mesh window=3600 approval=NAMESPACE hold adopt except=foo/httpbin}. */
  private PlanSpec spec() {
    boolean mesh = words.get(2).equals("mesh");
    List<String> more = words.subList(3, words.size());
    Map<String, String> options = new java.util.HashMap<>();
    for (String one : more) {
      String[] pair = one.split("=");
      options.put(pair[0], pair.length > 1 ? pair[1] : "");
    }
    List<PlanSpec.PolicyException> exceptions =
        options.containsKey("except") ? List.of(exception(options.get("except"))) : List.of();
    return new PlanSpec(
        words.get(1),
        mesh ? PlanSpec.Target.MESH : PlanSpec.Target.NAMESPACES,
        new PlanSpec.Scope(mesh ? List.of() : Arrays.asList(words.get(2).split(",")), null),
        List.of(),
        new PlanSpec.Gates(
            Duration.ofSeconds(Long.parseLong(options.getOrDefault("window", "7200"))),
            PlanSpec.NoSamples.valueOf(options.getOrDefault("noSamples", "HOLD")),
            Duration.ofSeconds(Long.parseLong(options.getOrDefault("soak", "600"))),
            !options.containsKey("unprobed"),
            options.containsKey("audit")
                ? Duration.ofSeconds(Long.parseLong(options.get("audit")))
                : null,
            PlanSpec.Approval.valueOf(options.getOrDefault("approval", "NONE")),
            List.of(),
            List.of()),
        new PlanSpec.Verification(Duration.ofMinutes(5), 0, 0.001, List.of()),
        options.containsKey("hold") ? PlanSpec.OnFailure.HOLD : PlanSpec.OnFailure.ROLLBACK,
        options.containsKey("manifest") ? PlanSpec.Apply.MANIFEST : PlanSpec.Apply.DIRECT,
        options.containsKey("adopt"),
        exceptions,
        PlanSpec.Start.ON_COMMAND);
  }
}
