// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

final class CommandLineOptionsTest {

  private static final Environment ENVIRONMENT =
      new Environment(
          Map.of("KUBECONFIG", "/etc/one:/etc/two"), Path.of("/home/ann"), Path.of("/none"));

  @Test
  void setsNothingWithoutOptions() {
    assertEquals(Map.of(), configuration());
  }

  @Test
  void takesAScenarioByName() {
    assertEquals(
        Map.of(
            "mtls-migration.cluster.mode", "sandbox",
            "mtls-migration.sandbox.scenario", "showcase"),
        configuration("--scenario", "showcase"));
  }

  @Test
  void takesAScenarioByFolder(@TempDir Path folder) {
    assertEquals(
        Map.of(
            "mtls-migration.cluster.mode",
            "sandbox",
            "mtls-migration.sandbox.folder",
            folder.toString()),
        configuration("--scenario", folder.toString()));
  }

  @Test
  void takesAGeneratedMeshAndAPlan() {
    assertEquals(
        Map.of(
            "mtls-migration.cluster.mode", "sandbox",
            "mtls-migration.sandbox.generate", "namespaces=3,pods=2",
            "mtls-migration.demo.plan", "plan.json"),
        configuration("--generate", "namespaces=3,pods=2", "--plan=plan.json"));
  }

  @Test
  void takesTheKubeconfigThatIsNamed() {
    assertEquals(
        Map.of(
            "mtls-migration.cluster.mode", "cluster",
            "mtls-migration.cluster.kubeconfig", "lab.yaml",
            "mtls-migration.cluster.context", "admin@lab"),
        configuration("--kubeconfig", "lab.yaml", "--context", "admin@lab"));
  }

  @Test
  void takesKubectlsOwnWhenNoneIsNamed() {
    assertEquals(
        Map.of(
            "mtls-migration.cluster.mode", "cluster",
            "mtls-migration.cluster.kubeconfig", "/etc/one:/etc/two"),
        configuration("--kubeconfig"));
    assertEquals(
        Map.of(
            "mtls-migration.cluster.mode", "cluster",
            "mtls-migration.cluster.kubeconfig", "/etc/one:/etc/two",
            "mtls-migration.demo.plan", "plan.json"),
        configuration("--kubeconfig", "--plan", "plan.json"));
  }

  static Stream<Arguments> meshes() {
    return Stream.of(
        argumentSet("two in the sandbox", "--scenario task --generate namespaces=3,pods=2"),
        argumentSet("a scenario and a cluster", "--scenario task --kubeconfig"),
        argumentSet("a generated mesh and a cluster", "--generate x --kubeconfig lab.yaml"),
        argumentSet("a scenario and a context", "--scenario task --context lab"),
        argumentSet("a generated mesh and a context", "--generate x --context lab"));
  }

  @ParameterizedTest
  @MethodSource("meshes")
  void refusesTwoMeshesAtOnce(String options) {
    CommandLine.ParameterException refused =
        assertThrows(CommandLine.ParameterException.class, () -> configuration(options.split(" ")));

    assertTrue(refused.getMessage().contains("exclude each other"));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    CommandLine.ParameterException refused =
        assertThrows(CommandLine.ParameterException.class, () -> configuration("--senario", "x"));

    assertTrue(refused.getMessage().contains("--senario"));
  }

  @ParameterizedTest
  @CsvSource({
    "analyze manifests, analyse, mtls-migration --help",
    "statsu, status, mtls-migration --help",
    "--kubeconfg x, --kubeconfig, mtls-migration --help",
    "who foo --servr x, --server, mtls-migration who --help"
  })
  void saysWhatMayHaveBeenMeant(String typed, String meant, String help) {
    StringWriter printed = new StringWriter();
    CommandLine parser = CommandLineOptions.parser(ENVIRONMENT).setErr(new PrintWriter(printed));

    CommandLineOptions.explain(
        assertThrows(
            CommandLine.ParameterException.class, () -> parser.parseArgs(typed.split(" "))));

    List<String> lines = printed.toString().lines().toList();
    assertTrue(lines.size() <= 3, lines::toString);
    assertTrue(lines.get(1).contains(meant), lines::toString);
    assertEquals("Try " + help, lines.getLast());
  }

  /** It would be overlooked, and another cluster be asked. */
  @Test
  void refusesOptionsBeforeACommand() {
    CommandLine parser = CommandLineOptions.parser(ENVIRONMENT);

    CommandLine.ParameterException refused =
        assertThrows(
            CommandLine.ParameterException.class,
            () ->
                CommandLineOptions.command(
                    parser, parser.parseArgs("--context", "lab", "rollback", "q4")));

    assertTrue(refused.getMessage().contains("--context"));
    assertEquals(
        "rollback",
        CommandLineOptions.command(parser, parser.parseArgs("rollback", "q4"))
            .commandSpec()
            .name());
  }

  /** A native binary has no metadata for what picocli would look at by reflection. */
  @Test
  void isBuiltWithoutReflection() {
    CommandLine.Model.CommandSpec spec = CommandLineOptions.parser(ENVIRONMENT).getCommandSpec();

    assertEquals(Map.of(), spec.mixins());
    assertNull(spec.userObject());
  }

  static Stream<Arguments> requests() {
    return Stream.of(
        argumentSet("help", "--help", "Usage: mtls-migration"),
        argumentSet("help in short", "-h", "Usage: mtls-migration"),
        argumentSet("version", "--version", "mtls-migration " + Release.ofThisProgram()),
        argumentSet("version in short", "-V", "mtls-migration " + Release.ofThisProgram()));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void answersARequestForHelp(String option, String begin) {
    StringWriter printed = new StringWriter();
    CommandLine parser = CommandLineOptions.parser(ENVIRONMENT).setOut(new PrintWriter(printed));

    assertTrue(CommandLine.printHelpIfRequested(parser.parseArgs(option)));

    assertTrue(printed.toString().startsWith(begin), printed.toString());
  }

  private static Map<String, String> configuration(String... args) {
    CommandLine parser = CommandLineOptions.parser(ENVIRONMENT);
    return CommandLineOptions.configuration(parser, parser.parseArgs(args), ENVIRONMENT);
  }
}
