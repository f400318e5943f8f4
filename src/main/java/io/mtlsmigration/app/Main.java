package io.mtlsmigration.app;

import io.mtlsmigration.app.analyse.AnalyseCommand;
import io.netty.bootstrap.ChannelInitializerExtension;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Reads the command line before anything starts, then hands over to Quarkus. */
@QuarkusMain
public final class Main {

  private Main() {}

  /** Exits with 2 and the usage when an option is wrong. */
  public static void main(String... args) {
    CommandLine parser = CommandLineOptions.parser();
    try {
      ParseResult options = parser.parseArgs(args);
      if (CommandLine.printHelpIfRequested(options)) {
        return;
      }
      if (options.hasSubcommand()) {
        System.exit(analyse(options.subcommand()));
      }
      CommandLineOptions.configuration(parser, options, Environment.ofProcess())
          .forEach(System::setProperty);
    } catch (CommandLine.ParameterException e) {
      CommandLine wrong = e.getCommandLine();
      wrong.getErr().println(e.getMessage());
      wrong.usage(wrong.getErr());
      System.exit(CommandLine.ExitCode.USAGE);
    }
    // Before Netty looks: lets in HeadDeadlines.
    System.setProperty(ChannelInitializerExtension.EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
    Quarkus.run(args);
  }

  /** What reads its output expects UTF-8, whatever the terminal has. */
  private static int analyse(ParseResult options) {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    try {
      return AnalyseCommand.run(options, System.in, out, System.err, Clock.systemUTC());
    } catch (RuntimeException e) {
      // Not the code of what was found: a pipeline would take a fault of ours for one of its own.
      e.printStackTrace(System.err);
      return CommandLine.ExitCode.USAGE;
    }
  }
}
