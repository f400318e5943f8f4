// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Steps 4 to 7 of docs/quickstart.md as they stand there, by a shell. The service is a process in
 * place of a pod behind a port-forward, and waits for seconds where the page says minutes.
 */
final class QuickstartE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService().withTask();

  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

  private static final Path FOLDER = Path.of("target/e2e/QuickstartE2E");

  @Test
  void runsFromTheTokenToTheWayBack() throws IOException {
    ServiceProcess service = CLUSTER.taskService("a").start().awaitReady();
    String page = Files.readString(Path.of("docs/quickstart.md"));
    String plan = blocks(section(page, 6), "yaml").getFirst();
    Files.writeString(
        FOLDER.resolve("plan.yaml"),
        plan.replace("PT2M", "PT20S").replace("PT30S", "PT2S").replace("PT90S", "PT4S"));

    run(service, section(page, 4));
    String six = blocks(section(page, 5), "").getFirst();
    awaitMatrix(service, page, six);

    assertTrue(run(service, section(page, 6)).endsWith("STRICT"));
    awaitMatrix(
        service,
        page,
        six.replace(
            "curl.legacy to httpbin.foo: 200",
            "curl.legacy to httpbin.foo: 000\ncommand terminated with exit code 56"));

    run(service, section(page, 7));
    awaitMatrix(service, page, six);
  }

  private static void awaitMatrix(ServiceProcess service, String page, String expected) {
    await("matrix")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertEquals(expected, run(service, section(page, 5)) + "\n"));
  }

  private static String section(String page, int number) {
    int begin = page.indexOf("\n## " + number + ". ");
    int end = page.indexOf("\n## ", begin + 1);
    return page.substring(begin, end < 0 ? page.length() : end);
  }

  private static List<String> blocks(String section, String language) {
    return BLOCK
        .matcher(section)
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  /** What the section's one block of commands prints, without the last line's end. */
  private static String run(ServiceProcess service, String section) {
    String commands =
        blocks(section, "sh").getFirst().replace("http://localhost:8080", service.api().toString());
    Kubectl kubectl = CLUSTER.kubectl();
    String script =
        """
        set -eu
        kubectl() { command %s --kubeconfig=%s "$@"; }
        cd %s
        %s\
        """
            .formatted(
                Binaries.of("kubectl"),
                kubectl.kubeconfig().toAbsolutePath(),
                FOLDER.toAbsolutePath(),
                commands);
    Path said = FOLDER.resolve("said.txt");
    try {
      Process shell =
          new ProcessBuilder("bash", "-c", script)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      if (!shell.waitFor(11, TimeUnit.MINUTES)) {
        shell.destroyForcibly();
      }
      String words = Files.readString(said).strip();
      assertEquals(0, shell.waitFor(), words);
      return words;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
