// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The real kubectl, as one caller. */
public record Kubectl(Path kubeconfig) {

  /** Ends what hangs; longer than kubectl itself waits for anything that the tests ask for. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /**
   * How a command ended.
   *
   * @param out standard output
   * @param err standard error
   */
  public record Result(int exit, String out, String err) {

    public boolean succeeded() {
      return exit == 0;
    }
  }

  /** Runs kubectl and gives back how it ended, good or bad. */
  public Result run(String... arguments) {
    return run("", List.of(arguments));
  }

  /**
   * Standard output of a command that has to succeed.
   *
   * @throws AssertionError with what kubectl said
   */
  public String ok(String... arguments) {
    return succeeded(run("", List.of(arguments)), List.of(arguments));
  }

  /** {@code kubectl apply --server-side -f -}, as another manager than the service. */
  public String apply(String manifests) {
    List<String> arguments = List.of("apply", "--server-side", "-f", "-");
    return succeeded(run(manifests, arguments), arguments);
  }

  /** The same, where the answer may be a refusal. */
  public Result tryApply(String manifests, String... more) {
    List<String> arguments = new ArrayList<>(List.of("apply", "--server-side", "-f", "-"));
    arguments.addAll(List.of(more));
    return run(manifests, arguments);
  }

  private static String succeeded(Result result, List<String> arguments) {
    if (!result.succeeded()) {
      throw new AssertionError(
          "kubectl "
              + String.join(" ", arguments)
              + " ended with "
              + result.exit()
              + ": "
              + result.err()
              + result.out());
    }
    return result.out();
  }

  private Result run(String input, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Binaries.of("kubectl").toString());
    command.add("--kubeconfig=" + kubeconfig);
    // Discovery is cached under HOME otherwise, where it would outlive the server.
    command.add("--cache-dir=" + kubeconfig.resolveSibling("kubectl-cache"));
    command.addAll(arguments);
    try (ExecutorService pipes = Executors.newVirtualThreadPerTaskExecutor()) {
      Process process = new ProcessBuilder(command).start();
      Future<String> out = pipes.submit(() -> text(process.getInputStream()));
      Future<String> err = pipes.submit(() -> text(process.getErrorStream()));
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // It has ended without reading; its exit code and words tell why.
      }
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
      return new Result(process.waitFor(), out.get(), err.get());
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String text(InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }
}
