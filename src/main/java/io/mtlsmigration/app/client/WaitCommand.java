// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/** Waits for a phase of a plan, for scripts. */
final class WaitCommand {

  private static final Duration BETWEEN = Duration.ofSeconds(1);

  /**
   * The phases that a plan enters as soon as the action is requested; it has {@code endedAt} when
   * it is done.
   */
  private static final Set<String> ENDINGS = Set.of("ABORTED", "ROLLED_BACK", "CLEANED_UP");

  private WaitCommand() {}

  static CommandSpec spec() {
    return Usage.command(
            "wait",
            WaitCommand::run,
            "Waits until a plan, or one of its steps, is in a phase; a plan that is ROLLED_BACK,"
                + " CLEANED_UP or ABORTED, until nothing is left to do. Ends with 1 when a plan has"
                + " ended in another phase, or the time is over. A service that is away for a while,"
                + " as in an upgrade, is asked again.",
            "wait q4 --for COMPLETED",
            "wait q4 foo --for AWAITING_APPROVAL --within 2h")
        .addPositional(Usage.argument(0, Usage.PLAN, "Name of the plan."))
        .addPositional(Usage.optional(1, Usage.NAMESPACE, "Which step; the plan when left out."))
        .addOption(Usage.flag("--mesh", "The mesh step."))
        .addOption(Usage.texts("--for", "PHASE", "One of these, separated by commas."))
        .addOption(Usage.duration("--within", "Until it is given up (for ever)."));
  }

  private static int run(RemoteCommand call)
      throws IOException, InterruptedException, RefusedException {
    boolean ofStep = call.optional(1).isPresent() || call.has("--mesh");
    String path =
        ofStep ? ActionCommands.stepPath(call) : ServiceApi.path("plans", call.argument(0));
    List<String> wanted =
        call.values("--for").stream().map(phase -> phase.toUpperCase(Locale.ROOT)).toList();
    check(wanted, ofStep);
    Optional<Instant> end = call.duration("--within").map(call.now()::plus);
    boolean answered = false;
    boolean away = false;
    while (true) {
      boolean over = end.isPresent() && !call.now().isBefore(end.get());
      JsonNode now;
      try {
        now = call.api().get(path, Map.of());
      } catch (IOException | UncheckedIOException | RefusedException e) {
        if (over || !mayPass(e, answered, end.isPresent())) {
          throw e;
        }
        if (!away) {
          call.note(List.of(e.getMessage() + "; it is asked again"));
        }
        away = true;
        // The way to it may lead to a pod that is gone.
        call.close();
        Thread.sleep(BETWEEN.toMillis());
        continue;
      }
      answered = true;
      away = false;
      String phase = now.path("phase").asText();
      boolean ending = !ofStep && ENDINGS.contains(phase);
      boolean underWay = ending && !now.path("endedAt").isTextual();
      boolean there = wanted.contains(phase) && !underWay;
      boolean ended = !underWay && (ending || (!ofStep && phase.equals("COMPLETED")));
      if (there || ended || over) {
        String name = now.path(ofStep ? "namespace" : "name").asText();
        String more = underWay ? ", and something is left to do" : "";
        call.answer(now, () -> List.of(name + " is " + phase + more));
        return there ? Exit.DONE : Exit.REFUSED;
      }
      Thread.sleep(BETWEEN.toMillis());
    }
  }

  /**
   * Returns whether an answer may come later. Nobody waits for ever for an address that never led
   * anywhere.
   */
  private static boolean mayPass(Exception problem, boolean answered, boolean ends) {
    return switch (problem) {
      case RefusedException refused -> (answered || ends) && refused.mayPass();
      case UncheckedIOException unopened -> answered;
      default -> answered || ends;
    };
  }

  /** Refuses what never comes; a service of a later release may have more, and needs its client. */
  private static void check(List<String> wanted, boolean ofStep) {
    List<String> phases =
        Stream.<Enum<?>>of(ofStep ? Phase.values() : PlanPhase.values()).map(Enum::name).toList();
    for (String phase : wanted) {
      if (!phases.contains(phase)) {
        throw new UsageException(
            "--for: %s is no phase of a %s: %s"
                .formatted(phase, ofStep ? "step" : "plan", String.join(", ", phases)));
      }
    }
  }
}
