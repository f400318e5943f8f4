package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/** Waits for a phase, for scripts. */
final class WaitCommand {

  private static final Duration BETWEEN = Duration.ofSeconds(1);

  /** A plan that is in one of these gets to no other without a command. */
  private static final Set<String> ENDS =
      Set.of("COMPLETED", "ABORTED", "ROLLED_BACK", "CLEANED_UP");

  private WaitCommand() {}

  static CommandSpec spec() {
    return Usage.command(
            "wait",
            WaitCommand::run,
            "Waits until a plan, or one of its steps, is in a phase. Ends with 1 when a plan has"
                + " ended in another one, or the time is over.",
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
    Optional<Instant> end = call.duration("--within").map(call.now()::plus);
    while (true) {
      JsonNode now = call.api().get(path, Map.of());
      String phase = now.path("phase").asText();
      boolean there = wanted.contains(phase);
      boolean over = end.isPresent() && !call.now().isBefore(end.get());
      if (there || over || (!ofStep && ENDS.contains(phase))) {
        String name = now.path(ofStep ? "namespace" : "name").asText();
        call.answer(now, () -> List.of(name + " is " + phase));
        return there ? Exit.DONE : Exit.REFUSED;
      }
      Thread.sleep(BETWEEN.toMillis());
    }
  }
}
