// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** All commands that call a running service, and the mapping of their failures to exit codes. */
public final class ClientCommands {

  /** The exit code when the output cannot be written. */
  public static final int NO_OUTPUT = Exit.NO_ANSWER;

  /** The command that shells call for completion; not for people. */
  private static final String COMPLETE = "__complete";

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** The longest wait for a completion; people do not wait longer for a key. */
  private static final Duration COMPLETION_TIMEOUT = Duration.ofSeconds(3);

  private final Streams streams;
  private final ClientEnvironment environment;
  private final Clock clock;
  private final String version;

  /**
   * Creates the commands.
   *
   * @param version of this program
   */
  public ClientCommands(
      Streams streams, ClientEnvironment environment, Clock clock, String version) {
    this.streams = streams;
    this.environment = environment;
    this.clock = clock;
    this.version = version;
  }

  /** Returns the commands in the order of the help. */
  public static List<CommandSpec> specs() {
    return Stream.of(
            Stream.of(PlanSubcommands.status()),
            MeshCommands.all().stream(),
            Stream.of(
                PlanSubcommands.plan(),
                BacktestCommand.spec(),
                ExceptionCommands.spec(),
                ApproveCommand.spec()),
            ActionCommands.all().stream(),
            TermsCommands.all().stream(),
            Stream.of(WaitCommand.spec(), NoticeCommands.test(), completion(), complete()))
        .flatMap(specs -> specs)
        .toList();
  }

  private static CommandSpec completion() {
    return Usage.group(
            "completion",
            ClientCommands::completion,
            "Prints what makes a shell complete commands, options, and names of plans, waves and"
                + " namespaces, which it asks the service for.",
            "completion bash > /etc/bash_completion.d/mtls-migration",
            "completion zsh > \"$${fpath[1]}/_mtls-migration\"",
            "completion fish > ~/.config/fish/completions/mtls-migration.fish")
        .addPositional(Usage.argument(0, "bash|zsh|fish", "Which shell."));
  }

  private static CommandSpec complete() {
    CommandSpec spec = Usage.group(COMPLETE, call -> Exit.USAGE, "Completes a command line.");
    spec.usageMessage().hidden(true);
    spec.parser().stopAtPositional(true).stopAtUnmatched(true);
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("0..*")
            .paramLabel("WORD")
            .arity("0..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .build());
    return spec;
  }

  /** Runs the command that was parsed, and returns the exit code. */
  public int run(ParseResult parsed) {
    ParseResult leaf = parsed;
    while (leaf.hasSubcommand()) {
      leaf = leaf.subcommand();
    }
    CommandSpec spec = leaf.commandSpec();
    try (RemoteCommand call = call(leaf)) {
      if (spec.name().equals(COMPLETE)) {
        return complete(call, leaf);
      }
      if (!spec.subcommands().isEmpty()) {
        throw new CommandLine.ParameterException(
            spec.commandLine(), "name one of " + String.join(", ", spec.subcommands().keySet()));
      }
      return run(call, (Command) spec.userObject());
    }
  }

  private int run(RemoteCommand call, Command command) {
    try {
      return command.run(call);
    } catch (RefusedException e) {
      call.note(e.lines());
      return e.exitCode();
    } catch (UsageException e) {
      call.note(List.of(String.valueOf(e.getMessage())));
      return Exit.USAGE;
    } catch (IOException | UncheckedIOException e) {
      call.note(List.of(String.valueOf(e.getMessage())));
      return Exit.NO_ANSWER;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Exit.NO_ANSWER;
    } catch (RuntimeException e) {
      call.note(List.of("this program is at fault: " + e));
      return Exit.NO_ANSWER;
    }
  }

  private RemoteCommand call(ParseResult leaf) {
    Duration timeout = leaf.matchedOptionValue("--timeout", TIMEOUT);
    return new RemoteCommand(
        leaf,
        streams,
        clock,
        () ->
            open(
                name ->
                    leaf.hasMatchedOption(name)
                        ? Optional.of(leaf.matchedOption(name).getValue().toString())
                        : Optional.empty(),
                timeout));
  }

  private ServiceApi open(Function<String, Optional<String>> options, Duration timeout) {
    try {
      return new ServiceApi(
          Endpoint.open(new Endpoint.Source(options, environment, timeout, version)), timeout);
    } catch (IOException e) {
      throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
    }
  }

  private int complete(RemoteCommand call, ParseResult leaf) {
    List<String> words = leaf.matchedPositionalValue(0, List.of());
    call.print(
        Completion.of(
            leaf.commandSpec().root(),
            words.isEmpty() ? List.of("") : words,
            options -> open(options, COMPLETION_TIMEOUT)));
    return Exit.DONE;
  }

  private static int completion(RemoteCommand call) {
    String name = call.argument(0).toLowerCase(Locale.ROOT);
    if (!List.of("bash", "zsh", "fish").contains(name)) {
      throw new UsageException("there is completion for bash, zsh and fish");
    }
    try (InputStream in =
        ClientCommands.class.getResourceAsStream("/completion/mtls-migration." + name)) {
      if (in == null) {
        throw new IllegalStateException("the script for " + name + " is not packaged");
      }
      call.print(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
      return Exit.DONE;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
