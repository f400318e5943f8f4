package io.mtlsmigration.app;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The command line, which is shorthand for configuration: each option sets one key. Built by
 * picocli's programmatic API, so that a native image needs no reflection for it.
 */
final class CommandLineOptions {

  private CommandLineOptions() {}

  static CommandLine parser() {
    CommandSpec spec = CommandSpec.create().name("mtls-migration").mixinStandardHelpOptions(true);
    spec.usageMessage()
        .description(
            "Moves an Istio mesh from PERMISSIVE to STRICT mutual TLS. Outside a cluster it runs"
                + " the embedded sandbox.");
    spec.version("mtls-migration " + version());
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
        OptionSpec.builder("--plan")
            .paramLabel("FILE")
            .type(String.class)
            .description("A plan (JSON, as for POST /api/v1/plans) to create and start.")
            .build());
    return new CommandLine(spec);
  }

  /**
   * The configuration that the options stand for.
   *
   * @throws CommandLine.ParameterException naming what is wrong
   */
  static Map<String, String> configuration(CommandLine parser, ParseResult options) {
    if (options.hasMatchedOption("--scenario") && options.hasMatchedOption("--generate")) {
      throw new CommandLine.ParameterException(
          parser, "--scenario and --generate exclude each other");
    }
    Map<String, String> keys = new LinkedHashMap<>();
    if (options.hasMatchedOption("--scenario")) {
      String scenario = options.matchedOptionValue("--scenario", "");
      boolean folder = scenario.contains("/") || new java.io.File(scenario).isDirectory();
      keys.put("mtls-migration.sandbox." + (folder ? "folder" : "scenario"), scenario);
    }
    if (options.hasMatchedOption("--generate")) {
      keys.put("mtls-migration.sandbox.generate", options.matchedOptionValue("--generate", ""));
    }
    if (options.hasMatchedOption("--plan")) {
      keys.put("mtls-migration.demo.plan", options.matchedOptionValue("--plan", ""));
    }
    return keys;
  }

  private static String version() {
    String version = CommandLineOptions.class.getPackage().getImplementationVersion();
    return version == null ? "(development)" : version;
  }
}
