// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that runs beside the tests and writes to a log file. Only processes that were started
 * here are ever signalled.
 */
final class Daemon implements AutoCloseable {

  private static final Duration TO_END = Duration.ofSeconds(20);

  private final Process process;
  private final Path log;

  private Daemon(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * @param log is appended to, so that a restart keeps what was said before
   */
  static Daemon start(Path log, Map<String, String> environment, List<String> command) {
    try {
      Files.createDirectories(log.getParent());
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      builder.environment().putAll(environment);
      Process process = builder.start();
      // A test run that is interrupted leaves nothing behind.
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      return new Daemon(process, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean alive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  Path log() {
    return log;
  }

  String said() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The end of the log, for messages. */
  String lastWords() {
    List<String> lines = said().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
    await();
  }

  /** SIGSTOP: stopped where it is, its connections open. */
  void freeze() {
    signal("STOP");
  }

  /** SIGCONT. */
  void thaw() {
    signal("CONT");
  }

  /** SIGTERM, without waiting for what comes of it. */
  void terminate() {
    process.destroy();
  }

  /** The exit code of a process that ends within a time; {@code -1} when it does not. */
  int exit(Duration within) throws InterruptedException {
    return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS) ? process.exitValue() : -1;
  }

  private void signal(String name) {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name, Long.toString(pid())));
    try {
      int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (exit != 0) {
        throw new IllegalStateException(String.join(" ", command) + " ended with " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** SIGTERM, and SIGKILL for one that does not listen. */
  @Override
  public void close() {
    process.destroy();
    await();
  }

  private void await() {
    try {
      if (!process.waitFor(TO_END.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
