package io.mtlsmigration.app;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
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
      CommandLineOptions.configuration(parser, options, Environment.ofProcess())
          .forEach(System::setProperty);
    } catch (CommandLine.ParameterException e) {
      parser.getErr().println(e.getMessage());
      parser.usage(parser.getErr());
      System.exit(CommandLine.ExitCode.USAGE);
    }
    // Before Netty looks: lets in HeadDeadlines.
    System.setProperty(ChannelInitializerExtension.EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
    Quarkus.run(args);
  }
}
