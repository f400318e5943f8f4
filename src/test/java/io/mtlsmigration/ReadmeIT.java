package io.mtlsmigration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import io.mtlsmigration.testing.Packaged;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Does what README.md tells people to do, against the packaged application, and expects to see what
 * README.md shows.
 *
 * <p>Blocks marked {@code console} are run, in their order and in one shell, as a reader would.
 * Blocks marked {@code sh} are not: they may hold nothing but make targets, which build the very
 * package that this test starts, or run this very test. {@code make serve} is the one command that
 * is replaced: by what its recipe does, on free ports.
 */
@Tag("packaged")
final class ReadmeIT {

  private static final Path README = Path.of("README.md");
  private static final String ADDRESS = "localhost:8080";

  @Test
  void showsWhatItsCommandsPrint() throws Exception {
    List<Step> steps = Step.read(Files.readAllLines(README));
    assertFalse(steps.isEmpty(), "README.md has no console block");
    try (Service service = Service.start();
        Shell shell = Shell.start()) {
      for (Step step : steps) {
        String printed = shell.run(step.command().replace(ADDRESS, service.address()));
        if (!printed.equals(step.output())) {
          fail(step.difference(printed));
        }
      }
    }
  }

  @Test
  void leavesNothingUntestedButMakeTargetsThatExist() throws Exception {
    String makefile = Files.readString(Path.of("Makefile"));
    List<String> others =
        Blocks.of(Files.readAllLines(README)).stream()
            .filter(block -> !block.language().equals("console"))
            .flatMap(block -> block.lines().stream())
            .filter(line -> !isMake(line, makefile))
            .toList();
    assertEquals(List.of(), others, "lines of README.md that nobody runs");
  }

  private static boolean isMake(String line, String makefile) {
    Matcher command = Pattern.compile("make ([a-z-]+)(\\s+#.*)?").matcher(line);
    return command.matches()
        && makefile.lines().anyMatch(rule -> rule.startsWith(command.group(1) + ":"));
  }

  /** A fenced block; {@code number} is the line of its first line, from 1. */
  private record Block(String language, int number, List<String> lines) {}

  private static final class Blocks {
    static List<Block> of(List<String> document) {
      List<Block> blocks = new ArrayList<>();
      int begin = -1;
      for (int i = 0; i < document.size(); i++) {
        if (!document.get(i).startsWith("```")) {
          continue;
        }
        if (begin < 0) {
          begin = i;
        } else {
          String language = document.get(begin).substring("```".length());
          blocks.add(new Block(language, begin + 2, document.subList(begin + 1, i)));
          begin = -1;
        }
      }
      assertEquals(-1, begin, "a block does not end");
      return blocks;
    }
  }

  /**
   * A command and what it prints.
   *
   * @param number its line in README.md
   * @param output with the end of its last line; empty when nothing is printed
   */
  private record Step(int number, String command, String output) {

    private static final String PROMPT = "$ ";

    static List<Step> read(List<String> document) {
      List<Step> steps = new ArrayList<>();
      for (Block block : Blocks.of(document)) {
        if (block.language().equals("console")) {
          read(block, steps);
        }
      }
      return steps;
    }

    private static void read(Block block, List<Step> steps) {
      List<String> lines = block.lines();
      for (int i = 0; i < lines.size(); ) {
        int number = block.number() + i;
        if (!lines.get(i).startsWith(PROMPT)) {
          fail("README.md:" + number + ": a console block begins with a command");
        }
        StringBuilder command = new StringBuilder(lines.get(i).substring(PROMPT.length()));
        i++;
        while (command.toString().endsWith("\\")) {
          command.append('\n').append(lines.get(i));
          i++;
        }
        StringBuilder output = new StringBuilder();
        while (i < lines.size() && !lines.get(i).startsWith(PROMPT)) {
          output.append(lines.get(i)).append('\n');
          i++;
        }
        steps.add(new Step(number, command.toString(), output.toString()));
      }
    }

    /** Lines in common are indented, {@code -} is only in README.md, {@code +} only printed. */
    String difference(String printed) {
      List<String> shown = output.lines().toList();
      List<String> actual = printed.lines().toList();
      int shorter = Math.min(shown.size(), actual.size());
      int head = 0;
      while (head < shorter && shown.get(head).equals(actual.get(head))) {
        head++;
      }
      int tail = 0;
      while (tail < shorter - head
          && shown.get(shown.size() - 1 - tail).equals(actual.get(actual.size() - 1 - tail))) {
        tail++;
      }
      List<String> lines = new ArrayList<>();
      lines.add("README.md:" + number + ": the command does not print what is shown");
      lines.add("  $ " + command);
      shown.subList(0, head).forEach(line -> lines.add("    " + line));
      shown.subList(head, shown.size() - tail).forEach(line -> lines.add("  - " + line));
      actual.subList(head, actual.size() - tail).forEach(line -> lines.add("  + " + line));
      shown.subList(shown.size() - tail, shown.size()).forEach(line -> lines.add("    " + line));
      if (!printed.isEmpty() && !printed.endsWith("\n")) {
        lines.add("  (what is printed lacks the end of its last line)");
      }
      return String.join("\n", lines);
    }
  }

  /** The packaged application, in its sandbox and without a plan, as {@code make serve} runs it. */
  private record Service(Process process, String address) implements AutoCloseable {

    private static final Path LOG = Path.of("target/readme-it.log");
    private static final Pattern LISTENING =
        Pattern.compile("Listening on: http://127\\.0\\.0\\.1:(\\d+)");

    static Service start() throws Exception {
      Process process =
          new ProcessBuilder(
                  Packaged.command(List.of("-Dquarkus.http.port=0", "-Dquarkus.management.port=0")))
              .redirectErrorStream(true)
              .start();
      CompletableFuture<String> port = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> log(process, port));
      try {
        return new Service(process, "localhost:" + port.get(60, TimeUnit.SECONDS));
      } catch (ExecutionException | TimeoutException e) {
        process.destroyForcibly();
        throw new IllegalStateException("the service does not start:\n" + Files.readString(LOG), e);
      }
    }

    /** Reads to the end, or the process would stop when the pipe is full. */
    private static void log(Process process, CompletableFuture<String> port) {
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
          var log = Files.newBufferedWriter(LOG)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          log.append(line).append('\n').flush();
          Matcher listening = LISTENING.matcher(line);
          if (listening.find()) {
            port.complete(listening.group(1));
          }
        }
        port.completeExceptionally(new IllegalStateException("the service has ended"));
      } catch (IOException e) {
        port.completeExceptionally(e);
      }
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

  /** One bash for all commands, so that variables stay. */
  private record Shell(Process process, BufferedReader printed) implements AutoCloseable {

    /** Long enough for the longest wait, step 4's 53 seconds, on a machine that is busy. */
    private static final long PATIENCE_SECONDS = 180;

    /** Ends what a command prints; no command prints it itself. */
    private static final char END = '\u001e';

    static Shell start() throws IOException {
      Process bash = new ProcessBuilder("bash").redirectErrorStream(true).start();
      return new Shell(bash, bash.inputReader(StandardCharsets.UTF_8));
    }

    String run(String command) throws Exception {
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
}
