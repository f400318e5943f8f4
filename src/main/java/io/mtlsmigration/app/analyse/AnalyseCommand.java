// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import io.mtlsmigration.api.ManifestAnalysis;
import io.mtlsmigration.text.TerminalText;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code mtls-migration analyse}: analyses manifests in files, without a server. */
public final class AnalyseCommand {

  public static final String NAME = "analyse";

  /** The option that names injected namespaces. */
  private static final String INJECTED = "--injected";

  private AnalyseCommand() {}

  /** The one mode of the what-if. */
  enum WhatIfMode {
    STRICT
  }

  /** Returns its options, without those of every command. */
  public static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name(NAME);
    spec.usageMessage()
        .description(
            "Says what manifests mean: modes, hazards, who reaches whom. Exits with 0; with 1 when"
                + " --fail-on names what was found, or something was not looked at; with 2 when a"
                + " file could not be read.");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("DIR|FILE|-")
            .arity("1..*")
            .required(true)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("Files of manifests, folders with *.yaml, *.yml and *.json, - is stdin.")
            .build());
    spec.addOption(
        OptionSpec.builder("--mode")
            .paramLabel("STRICT")
            .type(WhatIfMode.class)
            .description("Adds what that mode for the whole mesh would change.")
            .build());
    spec.addOption(
        OptionSpec.builder(INJECTED)
            .paramLabel("NAMESPACE|*")
            .arity("1")
            .type(Set.class)
            .auxiliaryTypes(String.class)
            .splitRegex(",")
            .description(
                "Namespaces that no file defines, and that are taken for injected; * for each such"
                    + " one. Without its label a namespace is not.")
            .build());
    spec.addOption(
        OptionSpec.builder("--fail-on")
            .paramLabel("BLOCKER|WARNING|BREAKING")
            .type(Threshold.class)
            .description(
                "Exit with 1 for a hazard of that severity or a worse one, or for calls that STRICT"
                    + " would break: of workloads in the files, and those that the files tell of"
                    + " from outside (load balancers, gateways that are not Istio's, the API server,"
                    + " the kubelet, Prometheus). With any of them also for what was not looked at:"
                    + " objects that cannot be read, namespaces that no file defines (see --injected)"
                    + ". Clients that no file has are not known, and fail nothing.")
            .build());
    spec.addOption(
        OptionSpec.builder("-o", "--output")
            .paramLabel("text|json|sarif|github|junit|markdown")
            .type(Form.class)
            .description("Form of what is printed (text).")
            .build());
    return spec;
  }

  /** Runs it, and returns the exit code. */
  public static int run(
      ParseResult options, InputStream in, PrintStream out, PrintStream err, Clock clock) {
    List<String> names = options.matchedPositionalValue(0, List.of());
    @Nullable Threshold threshold = options.matchedOptionValue("--fail-on", (Threshold) null);
    Set<String> injected = options.matchedOptionValue(INJECTED, Set.of());
    Form form = options.matchedOptionValue("--output", Form.TEXT);
    boolean whatIf = options.hasMatchedOption("--mode") || threshold == Threshold.BREAKING;
    try {
      ManifestFiles files = ManifestFiles.read(names, injected, in, clock.instant());
      Report report =
          new Report(
              ManifestAnalysis.of(files.facts(), whatIf), files, threshold, version(options));
      out.print(form.of(report));
      out.flush();
      files.skipped().forEach(why -> say(err, "not read: " + why));
      files.makers().forEach(it -> say(err, "not read: what the " + it + " makes: pipe that"));
      report.uncounted().ifPresent(why -> say(err, why));
      if (form != Form.TEXT) {
        ManifestAnalysis.unknown(report.analysis()).forEach(line -> say(err, line));
        if (whatIf) {
          say(err, ManifestAnalysis.otherClients());
        }
        report.problems().forEach(problem -> say(err, "cannot be read: " + problem));
      }
      return report.code();
    } catch (IOException e) {
      say(err, "cannot read " + reason(e));
    }
    return ExitCode.USAGE;
  }

  /** Prints a line, without control characters in names of files and objects. */
  private static void say(PrintStream err, String line) {
    err.println(TerminalText.line(line));
  }

  /** Java says nothing but its name of a file that is not there, or that may not be read. */
  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException none when none.getReason() == null ->
          none.getFile() + ": there is no such file";
      case AccessDeniedException denied when denied.getReason() == null ->
          denied.getFile() + ": permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }

  private static String version(ParseResult options) {
    return String.join(" ", options.commandSpec().version()).replace("mtls-migration ", "");
  }
}
