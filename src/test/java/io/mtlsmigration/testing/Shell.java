// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One bash for all commands, so that variables stay. */
public record Shell(Process process, BufferedReader printed) implements AutoCloseable {

  /** Long enough for the longest wait, step 4's 53 seconds, on a machine that is busy. */
  private static final long PATIENCE_SECONDS = 180;

  /** Ends what a command prints; no command prints it itself. */
  private static final char END = '\u001e';

  /**
   * Starts one that knows the packaged program as {@code mtls-migration}.
   *
   * @param folder where a file of that name is made
   */
  public static Shell start(Path folder) throws IOException {
    Path program = folder.resolve("mtls-migration");
    Files.writeString(
        program,
        Packaged.command(List.of()).stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" ", "#!/bin/sh\nexec ", " \"$@\"\n")));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    ProcessBuilder bash = new ProcessBuilder("bash").redirectErrorStream(true);
    bash.environment().merge("PATH", folder.toString(), (path, first) -> first + ":" + path);
    return start(bash.start());
  }

  private static Shell start(Process bash) {
    return new Shell(bash, bash.inputReader(StandardCharsets.UTF_8));
  }

  /** What a command prints, on either stream. */
  public String run(String command) throws Exception {
    var commands = process.outputWriter(StandardCharsets.UTF_8);
    // Without an input of its own the command would read what comes after it.
    commands.write("{ " + command + "\n} </dev/null; printf '\\036'\n");
    commands.flush();
    try {
      return CompletableFuture.supplyAsync(this::answer).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("no end after " + PATIENCE_SECONDS + " s: " + command, e);
    }
  }

  private String answer() {
    StringBuilder answer = new StringBuilder();
    try {
      for (int c = printed.read(); c != END; c = printed.read()) {
        if (c < 0) {
          throw new IllegalStateException("the shell has ended after " + answer);
        }
        answer.append((char) c);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return answer.toString();
  }

  @Override
  public void close() {
    Stream.concat(process.descendants(), Stream.of(process.toHandle()))
        .forEach(ProcessHandle::destroyForcibly);
  }
}
