// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.contract.PlanReading;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Creates and starts the plan named by {@code --plan}, by the same two commands that a person would
 * send: POST /plans and POST /plans/{name}/start.
 */
@Singleton
final class DemoPlan {

  private static final Logger LOG = Logger.getLogger(DemoPlan.class);
  private static final String ACTOR = "command line";
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final PlanCommands commands;
  private final RolloutLedger ledger;
  private final Optional<String> file;
  private final ObjectMapper json;

  DemoPlan(PlanCommands commands, RolloutLedger ledger, Settings settings, ObjectMapper json) {
    this.commands = commands;
    this.ledger = ledger;
    this.file = settings.demo().plan();
    this.json = json;
  }

  void start(@Observes StartupEvent started) throws InterruptedException {
    if (file.isEmpty()) {
      return;
    }
    PlanReading reading = PlanReading.ofBody(read(Path.of(file.get())));
    if (!reading.isFaultless()) {
      throw invalid(reading.problems(List.of()));
    }
    try {
      if (created(reading.spec())) {
        commands.act(reading.spec().name(), PlanAction.START, null, ACTOR);
      }
    } catch (CommandException.Invalid e) {
      throw invalid(e.problems());
    } catch (CommandException e) {
      throw wrong(List.of(String.valueOf(e.getMessage())));
    }
  }

  /**
   * Creates the plan, waiting until the cluster has been read.
   *
   * @return false when it exists since an earlier start, since a cluster keeps its plans
   */
  private boolean created(PlanSpec spec) throws InterruptedException {
    for (Duration waited = Duration.ZERO; ; waited = waited.plus(PAUSE)) {
      try {
        if (ledger.plan(spec.name()).isPresent()) {
          LOG.infof("The plan is there already, and goes on as it is plan=%s", spec.name());
          return false;
        }
        commands.create(spec, ACTOR);
        return true;
      } catch (RolloutLedger.UnavailableException e) {
        if (waited.compareTo(PATIENCE) >= 0) {
          throw wrong(List.of(String.valueOf(e.getMessage())));
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
      }
    }
  }

  private JsonNode read(Path path) {
    try {
      return json.readTree(Files.readAllBytes(path));
    } catch (NoSuchFileException e) {
      throw wrong(List.of("there is no such file"));
    } catch (IOException e) {
      throw wrong(List.of(String.valueOf(e.getMessage())));
    }
  }

  private ConfigurationException invalid(List<Problem> problems) {
    return wrong(problems.stream().map(p -> p.pointer() + ": " + p.detail()).toList());
  }

  /** Returns an exception whose message Quarkus prints alone, without a stack trace. */
  private ConfigurationException wrong(List<String> problems) {
    return new ConfigurationException(
        problems.stream()
            .map(problem -> "--plan " + file.orElse("") + ": " + problem)
            .collect(Collectors.joining(System.lineSeparator())));
  }
}
