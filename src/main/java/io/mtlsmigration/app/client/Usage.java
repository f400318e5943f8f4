// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * The synopsis and help of commands. Built with picocli's programmatic API, so that a native binary
 * needs no reflection for it.
 */
final class Usage {

  static final String PLAN = "PLAN";
  static final String NAMESPACE = "NAMESPACE";
  static final String WAVE = "WAVE";
  static final String EXCEPTION = "EXCEPTION";
  static final String FILE = "FILE";

  private static final ITypeConverter<?> DURATIONS = Usage::duration;

  private Usage() {}

  /**
   * Returns a command that calls the service.
   *
   * @param examples without the program's name
   */
  static CommandSpec command(String name, Command command, String description, String... examples) {
    CommandSpec spec = group(name, command, description, examples);
    spec.addOption(
        OptionSpec.builder("-o", "--output")
            .paramLabel("text|json")
            .type(RemoteCommand.Form.class)
            .description("Form of what is printed (text); json is what the service answers.")
            .build());
    connection().forEach(spec::addOption);
    return spec;
  }

  /** Returns a command that has subcommands, or calls no service. */
  static CommandSpec group(String name, Command command, String description, String... examples) {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(name);
    spec.usageMessage()
        .description(description)
        .sortOptions(false)
        .footerHeading(examples.length == 0 ? "" : "%nExamples:%n")
        .footer(
            Arrays.stream(examples)
                .map(example -> "  ${ROOT-COMMAND-NAME} " + example)
                .toArray(String[]::new))
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(exitCodes());
    return spec;
  }

  private static Map<String, String> exitCodes() {
    Map<String, String> codes = new LinkedHashMap<>();
    codes.put(" " + Exit.DONE, "done; what was asked about holds");
    codes.put(" " + Exit.REFUSED, "refused by the service, or what was asked about does not hold");
    codes.put(" " + Exit.USAGE, "the command line, or a file that it names, is wrong");
    codes.put(" " + Exit.NO_ANSWER, "no answer, or the caller is not known: nothing is known");
    return codes;
  }

  private static Stream<OptionSpec> connection() {
    return Stream.of(
        text("--server", "URL", "The service; $MTLS_MIGRATION_URL. Else the kubeconfig's cluster."),
        text(
            "--token",
            "TOKEN",
            "The caller's token; other users of this machine see it in the list of processes.\n"
                + "Rather $MTLS_MIGRATION_TOKEN or --token-file. Else the kubeconfig's, for its own"
                + " cluster."),
        text("--token-file", FILE, "File with the token; $MTLS_MIGRATION_TOKEN_FILE."),
        text("--ca-file", FILE, "Certificates (PEM) to trust for --server instead of Java's."),
        flag("--allow-plain-http", "Send the token over http to another host than this one."),
        text("--kubeconfig", FILE, "Through this cluster, by port-forward ($KUBECONFIG)."),
        text("--context", "NAME", "A context of the kubeconfig other than its current one."),
        text("--service-namespace", "NAME", "Where the service runs (mtls-migration)."),
        duration("--timeout", "Until an answer has to be there (30s)."));
  }

  static OptionSpec text(String name, String label, String description) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(String.class)
        .description(description.split("\n"))
        .build();
  }

  static OptionSpec required(String name, String label, String description) {
    return OptionSpec.builder(text(name, label, description)).required(true).build();
  }

  static OptionSpec texts(String name, String label, String description) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .required(true)
        .splitRegex(",")
        .type(List.class)
        .auxiliaryTypes(String.class)
        .description(description)
        .build();
  }

  static OptionSpec flag(String name, String description) {
    return OptionSpec.builder(name).type(boolean.class).description(description).build();
  }

  static OptionSpec duration(String name, String description) {
    return OptionSpec.builder(name)
        .paramLabel("DURATION")
        .type(Duration.class)
        .converters(DURATIONS)
        .description(description)
        .build();
  }

  static PositionalParamSpec argument(int position, String label, String description) {
    return positional(position, label, description, "1");
  }

  static PositionalParamSpec optional(int position, String label, String description) {
    return positional(position, label, description, "0..1");
  }

  private static PositionalParamSpec positional(
      int position, String label, String description, String arity) {
    return PositionalParamSpec.builder()
        .index(Integer.toString(position))
        .paramLabel(label)
        .arity(arity)
        .required(arity.equals("1"))
        .type(String.class)
        .description(description)
        .build();
  }

  /** Parses {@code 90s}, {@code 1h30m}, or ISO-8601. */
  private static Duration duration(String text) {
    String upper = text.toUpperCase(Locale.ROOT);
    try {
      Duration duration = Duration.parse(upper.startsWith("P") ? upper : "PT" + upper);
      if (!duration.isPositive()) {
        throw new TypeConversionException("a duration is longer than nothing");
      }
      return duration;
    } catch (DateTimeException e) {
      throw new TypeConversionException("a duration is written 30s, 10m, 1h30m or PT30S");
    }
  }
}
