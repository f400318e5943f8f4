// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.app.analyse.AnalyseCommand;
import io.mtlsmigration.app.client.ClientCommands;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The command line, which is shorthand for configuration: each option sets one key. Built with
 * picocli's programmatic API, so that a native image needs no reflection for it.
 */
final class CommandLineOptions {

  private CommandLineOptions() {}

  /** Returns the parser, under the name that the user calls; kubectl's plugin has another one. */
  static CommandLine parser(Environment environment) {
    CommandSpec spec =
        CommandSpec.create()
            .name(environment.variable("MTLS_MIGRATION_COMMAND").orElse("mtls-migration"));
    addHelp(spec);
    spec.usageMessage()
        .description(
            "Moves an Istio mesh from PERMISSIVE to STRICT mutual TLS. In a pod it uses the cluster"
                + " that it runs in; elsewhere, without --kubeconfig, the embedded sandbox. With a"
                + " command it starts no service: it asks one that runs.");
    spec.addOption(
        OptionSpec.builder("--scenario")
            .paramLabel("DIR|NAME")
            .type(String.class)
            .description("Folder of manifests, or a built-in scenario: task (default), showcase.")
            .build());
    spec.addOption(
        OptionSpec.builder("--generate")
            .paramLabel("namespaces=N,pods=M")
            .type(String.class)
            .description("A generated mesh of N namespaces with M pods each.")
            .build());
    spec.addOption(
        OptionSpec.builder("--kubeconfig")
            .paramLabel("FILE")
            .type(String.class)
            .arity("0..1")
            .fallbackValue("")
            .description(
                "Uses a real cluster: that of FILE, else of $KUBECONFIG, else of ~/.kube/config.")
            .build());
    spec.addOption(
        OptionSpec.builder("--context")
            .paramLabel("NAME")
            .type(String.class)
            .description("A context of the kubeconfig other than its current one.")
            .build());
    spec.addOption(
        OptionSpec.builder("--plan")
            .paramLabel("FILE")
            .type(String.class)
            .description("A plan (JSON, as for POST /api/v1/plans) to create and start.")
            .build());
    CommandSpec analyse = AnalyseCommand.spec();
    addHelp(analyse);
    spec.addSubcommand(AnalyseCommand.NAME, analyse);
    for (CommandSpec command : ClientCommands.specs()) {
      addHelpTo(command);
      spec.addSubcommand(command.name(), command);
    }
    return new CommandLine(spec)
        .setCaseInsensitiveEnumValuesAllowed(true)
        // A comment may begin with @ and the name of a team.
        .setExpandAtFiles(false);
  }

  /** Adds help to a command and its subcommands, but not to those that shells call. */
  private static void addHelpTo(CommandSpec spec) {
    if (!spec.usageMessage().hidden()) {
      addHelp(spec);
      spec.subcommands().values().forEach(sub -> addHelpTo(sub.getCommandSpec()));
    }
  }

  /** Prints what is wrong, what may have been meant, and how to get help; the usage hides both. */
  static void explain(CommandLine.ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    command.getErr().println(wrong.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(wrong, command.getErr());
    command.getErr().println("Try " + command.getCommandSpec().qualifiedName(" ") + " --help");
  }

  /** Adds the standard options; picocli's own mixin needs reflection. */
  private static void addHelp(CommandSpec spec) {
    spec.version("mtls-migration " + Release.ofThisProgram());
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this help message and exit.")
            .build());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Print version information and exit.")
            .build());
  }

  /**
   * Returns the configuration that the options stand for.
   *
   * @throws CommandLine.ParameterException naming the wrong option
   */
  static Map<String, String> configuration(
      CommandLine parser, ParseResult options, Environment environment) {
    exclude(parser, options, "--scenario", "--generate");
    exclude(parser, options, "--scenario", "--kubeconfig");
    exclude(parser, options, "--generate", "--kubeconfig");
    exclude(parser, options, "--scenario", "--context");
    exclude(parser, options, "--generate", "--context");
    Map<String, String> keys = new LinkedHashMap<>();
    sandbox(options, keys);
    cluster(options, environment, keys);
    if (options.hasMatchedOption("--plan")) {
      keys.put("mtls-migration.demo.plan", options.matchedOptionValue("--plan", ""));
    }
    return keys;
  }

  /**
   * Returns the command. Options before a command are rejected: they would be ignored, and another
   * cluster used than was meant.
   *
   * @throws CommandLine.ParameterException naming the options
   */
  static ParseResult command(CommandLine parser, ParseResult options) {
    if (!options.matchedOptions().isEmpty()) {
      String first = options.matchedOptions().getFirst().longestName();
      throw new CommandLine.ParameterException(parser, first + " has to stand after the command");
    }
    return options.subcommand();
  }

  private static void exclude(CommandLine parser, ParseResult options, String one, String other) {
    if (options.hasMatchedOption(one) && options.hasMatchedOption(other)) {
      throw new CommandLine.ParameterException(
          parser, one + " and " + other + " exclude each other");
    }
  }

  /** Sets the sandbox's keys; naming a scenario selects the sandbox, in a pod too. */
  private static void sandbox(ParseResult options, Map<String, String> keys) {
    if (options.hasMatchedOption("--scenario")) {
      String scenario = options.matchedOptionValue("--scenario", "");
      boolean folder = scenario.contains("/") || new java.io.File(scenario).isDirectory();
      keys.put("mtls-migration.sandbox." + (folder ? "folder" : "scenario"), scenario);
    }
    if (options.hasMatchedOption("--generate")) {
      keys.put("mtls-migration.sandbox.generate", options.matchedOptionValue("--generate", ""));
    }
    if (!keys.isEmpty()) {
      keys.put(DeploymentMode.MODE, "sandbox");
    }
  }

  private static void cluster(
      ParseResult options, Environment environment, Map<String, String> keys) {
    if (options.hasMatchedOption("--kubeconfig")) {
      String files = options.matchedOptionValue("--kubeconfig", "");
      keys.put(DeploymentMode.MODE, "cluster");
      keys.put(DeploymentMode.KUBECONFIG, files.isEmpty() ? environment.kubeconfigList() : files);
    }
    if (options.hasMatchedOption("--context")) {
      keys.put(DeploymentMode.MODE, "cluster");
      keys.put(DeploymentMode.CONTEXT, options.matchedOptionValue("--context", ""));
    }
  }

  /** Returns the version of this service; {@code (development)} when it is not packaged. */
  static String version() {
    return Release.ofThisProgram().version();
  }
}
