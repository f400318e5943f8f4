package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class CommandLineOptionsTest {

  @Test
  void setsNothingWithoutOptions() {
    assertEquals(Map.of(), configuration());
  }

  @Test
  void takesAScenarioByName() {
    assertEquals(
        Map.of("mtls-migration.sandbox.scenario", "showcase"),
        configuration("--scenario", "showcase"));
  }

  @Test
  void takesAScenarioByFolder(@TempDir Path folder) {
    assertEquals(
        Map.of("mtls-migration.sandbox.folder", folder.toString()),
        configuration("--scenario", folder.toString()));
  }

  @Test
  void takesAGeneratedMeshAndAPlan() {
    assertEquals(
        Map.of(
            "mtls-migration.sandbox.generate", "namespaces=3,pods=2",
            "mtls-migration.demo.plan", "plan.json"),
        configuration("--generate", "namespaces=3,pods=2", "--plan=plan.json"));
  }

  @Test
  void refusesTwoMeshesAtOnce() {
    CommandLine.ParameterException refused =
        assertThrows(
            CommandLine.ParameterException.class,
            () -> configuration("--scenario", "task", "--generate", "namespaces=3,pods=2"));

    assertTrue(refused.getMessage().contains("exclude each other"));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    CommandLine.ParameterException refused =
        assertThrows(CommandLine.ParameterException.class, () -> configuration("--senario", "x"));

    assertTrue(refused.getMessage().contains("--senario"));
  }

  private static Map<String, String> configuration(String... args) {
    CommandLine parser = CommandLineOptions.parser();
    return CommandLineOptions.configuration(parser, parser.parseArgs(args));
  }
}
