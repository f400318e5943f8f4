// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import io.mtlsmigration.testing.Packaged;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code make package} has left, in a process of its own, with its sandbox. */
final class PackagedService implements AutoCloseable {

  private static final Pattern LISTENING =
      Pattern.compile("Listening on: http://[^:]+:(\\d+)(?!.*Listening on.*\\1)");
  private static final int PATIENCE_SECONDS = 120;

  private final Process process;
  private final int port;

  private PackagedService(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** On any free port. */
  static PackagedService start(String... arguments) {
    return start(0, List.of(), arguments);
  }

  /**
   * @param port 0 for any that is free
   * @param options for the JVM
   * @param arguments for the program
   */
  static PackagedService start(int port, List<String> options, String... arguments) {
    List<String> all = new ArrayList<>(options);
    all.add("-Dquarkus.http.port=" + port);
    all.add("-Dquarkus.management.port=0");
    List<String> command = Packaged.command(all);
    command.addAll(Arrays.asList(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      CompletableFuture<Integer> found = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> read(process, found));
      return new PackagedService(process, await(process, found));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int await(Process process, CompletableFuture<Integer> found) {
    try {
      return found.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      throw new IllegalStateException(e);
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly();
      throw new IllegalStateException("the service does not start", e);
    }
  }

  /** Reads to the end, or the process would stop when the pipe is full. */
  private static void read(Process process, CompletableFuture<Integer> port) {
    StringBuilder said = new StringBuilder();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher listening = LISTENING.matcher(line);
        if (!port.isDone()) {
          said.append(line).append('\n');
          if (listening.find()) {
            port.complete(Integer.parseInt(listening.group(1)));
          }
        }
      }
      port.completeExceptionally(new IllegalStateException("the service has ended:\n" + said));
    } catch (IOException e) {
      port.completeExceptionally(e);
    }
  }

  int port() {
    return port;
  }

  String url(String rest) {
    return "http://localhost:" + port + "/" + rest;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.onExit().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly();
    }
  }
}
