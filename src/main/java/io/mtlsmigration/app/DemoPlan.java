package io.mtlsmigration.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.api.input.PlanBinder;
import io.mtlsmigration.rollout.CommandException;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanDesk;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Creates and starts the plan named by {@code --plan}, by the same two commands that a person would
 * send: POST /plans and POST /plans/{name}/start.
 */
@Singleton
final class DemoPlan {

  private static final String ACTOR = "command line";

  private final PlanDesk desk;
  private final Optional<String> file;
  private final ObjectMapper json;

  DemoPlan(PlanDesk desk, Settings settings, ObjectMapper json) {
    this.desk = desk;
    this.file = settings.demo().plan();
    this.json = json;
  }

  void start(@Observes StartupEvent started) {
    if (file.isEmpty()) {
      return;
    }
    PlanBinder.Bound bound = PlanBinder.bind(read(Path.of(file.get())));
    if (!bound.errors().isEmpty()) {
      throw wrong(bound.errors().stream().map(e -> e.pointer() + ": " + e.detail()).toList());
    }
    try {
      desk.create(bound.spec(), ACTOR);
      desk.act(bound.spec().name(), PlanAction.START, null, ACTOR);
    } catch (CommandException.Invalid e) {
      throw wrong(e.problems().stream().map(p -> p.pointer() + ": " + p.detail()).toList());
    } catch (CommandException e) {
      throw wrong(List.of(String.valueOf(e.getMessage())));
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

  /** Quarkus prints the message of this exception alone, without a stack trace. */
  private ConfigurationException wrong(List<String> problems) {
    return new ConfigurationException(
        problems.stream()
            .map(problem -> "--plan " + file.orElse("") + ": " + problem)
            .collect(Collectors.joining(System.lineSeparator())));
  }
}
