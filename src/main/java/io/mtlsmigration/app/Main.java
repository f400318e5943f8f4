// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.app.analyse.AnalyseCommand;
import io.mtlsmigration.app.client.ClientCommands;
import io.mtlsmigration.app.client.ClientEnvironment;
import io.mtlsmigration.app.client.Streams;
import io.netty.bootstrap.ChannelInitializerExtension;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Parses the command line before anything starts, then starts Quarkus. */
@QuarkusMain
public final class Main {

  private Main() {}

  /** Exits with 2 when an option is wrong. */
  public static void main(String... args) {
    // Programs read the numbers of commands, URLs and reports: some locales have digits of their
    // own.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    Environment environment = Environment.ofProcess();
    CommandLine parser = CommandLineOptions.parser(environment);
    try {
      ParseResult options = parser.parseArgs(args);
      if (CommandLine.printHelpIfRequested(options)) {
        System.exit(ended(CommandLine.ExitCode.OK, System.out, System.err, analyses(options)));
      }
      if (options.hasSubcommand()) {
        System.exit(
            command(CommandLineOptions.command(parser, options), environment, analyses(options)));
      }
      CommandLineOptions.configuration(parser, options, environment).forEach(System::setProperty);
    } catch (CommandLine.ParameterException e) {
      CommandLineOptions.explain(e);
      System.exit(CommandLine.ExitCode.USAGE);
    }
    // Enables HeadDeadlines; must be set before Netty reads it.
    System.setProperty(ChannelInitializerExtension.EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
    Quarkus.run(args);
  }

  /** Runs a command. Its output is UTF-8, as its readers expect, whatever the terminal is. */
  private static int command(ParseResult options, Environment environment, boolean analyses) {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    int ended = CommandLine.ExitCode.USAGE;
    try {
      ended =
          analyses
              ? AnalyseCommand.run(options, System.in, out, err, Clock.systemUTC())
              : new ClientCommands(
                      new Streams(System.in, out, err),
                      new ClientEnvironment(environment.variables(), environment.kubeconfig()),
                      Clock.systemUTC(),
                      CommandLineOptions.version())
                  .run(options);
    } catch (CommandLine.ParameterException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      // Not the exit code of a finding: a pipeline would take our defect for one of its own.
      e.printStackTrace(System.err);
    }
    return ended(ended, out, err, analyses);
  }

  /** Returns what a command ends with, which is no success when its output cannot be written. */
  private static int ended(int ended, PrintStream out, PrintStream err, boolean analyses) {
    if (out.checkError() && !isPipe()) {
      err.println("the output cannot be written");
      return analyses ? CommandLine.ExitCode.USAGE : ClientCommands.NO_OUTPUT;
    }
    return ended;
  }

  private static boolean analyses(ParseResult options) {
    return options.hasSubcommand()
        && options.subcommand().commandSpec().name().equals(AnalyseCommand.NAME);
  }

  /**
   * Returns whether the standard output is a pipe, which its reader may close when it has enough.
   */
  private static boolean isPipe() {
    try {
      int type = (int) Files.getAttribute(Path.of("/dev/fd/1"), "unix:mode") & 0170000;
      return type == 0010000 || type == 0140000;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
