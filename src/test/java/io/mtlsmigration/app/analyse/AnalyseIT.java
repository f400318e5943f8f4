// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.e2e.SandboxProcess;
import io.mtlsmigration.testing.Packaged;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command of the packaged program. */
@Tag("packaged")
final class AnalyseIT {

  private static final Path MANIFESTS = Path.of("src/main/resources/sandbox/showcase/hazards.yaml");

  /**
   * How it ended.
   *
   * @param printed on standard output
   */
  private record Ended(int code, String printed) {}

  @Test
  void answersAsTheServiceDoes(@TempDir Path folder) throws Exception {
    JsonNode ofTheService;
    try (SandboxProcess service = SandboxProcess.start(folder.resolve("log"), Map.of())) {
      ofTheService =
          new ObjectMapper()
              .readTree(
                  service
                      .http()
                      .contentType("application/yaml")
                      .body(Files.readAllBytes(MANIFESTS))
                      .post("/analyses?mode=STRICT")
                      .asByteArray());
    }

    Ended ended = run("analyse", MANIFESTS.toString(), "--mode", "STRICT", "-o", "json");

    assertEquals(0, ended.code());
    JsonNode printed = new ObjectMapper().readTree(ended.printed());
    assertEquals("body", ofTheService.at("/problems/0/source").asText());
    assertEquals(MANIFESTS.toString(), printed.at("/problems/0/source").asText());
    assertEquals(withoutTimesAndSources(ofTheService), withoutTimesAndSources(printed));
  }

  /** A policy without a timestamp is from when it was read. */
  private static JsonNode withoutTimesAndSources(JsonNode analysis) {
    analysis.path("problems").forEach(problem -> ((ObjectNode) problem).remove("source"));
    analysis.path("policies").forEach(policy -> ((ObjectNode) policy).remove("createdAt"));
    return analysis;
  }

  @Test
  void endsByItsExitCode() throws Exception {
    assertEquals(1, run("analyse", MANIFESTS.toString(), "--fail-on", "BLOCKER").code());
    assertEquals(2, run("analyse").code());
    assertEquals(2, run("analyse", "no-such-folder").code());
  }

  /** A set that is larger than the machine is no finding. */
  @Test
  void endsOtherwiseThanWithAFindingWhenMemoryIsShort(@TempDir Path folder) throws Exception {
    StringBuilder pods = new StringBuilder();
    for (int i = 0; i < 50_000; i++) {
      pods.append("{apiVersion: v1, kind: Pod, metadata: {namespace: a, name: p")
          .append(i)
          .append("}, spec: {containers: [{name: a, ports: [{containerPort: ")
          .append(1 + i)
          .append("}]}]}}\n---\n");
    }
    Path file = Files.writeString(folder.resolve("pods.yaml"), pods);

    int code = run(List.of("-Xmx24m"), "analyse", file.toString()).code();

    // An image's JVM ends by itself.
    assertTrue(code == 2 || code == 3, () -> "exit code " + code);
  }

  @Test
  void teaches() throws Exception {
    Ended ended = run("analyse", "--help");

    assertEquals(0, ended.code());
    assertTrue(ended.printed().contains("--fail-on"), ended.printed());
  }

  /** In Egypt a JVM prints ١ for 1, also into the URLs of probes. */
  @Test
  void printsTheSameNumbersInEachLocale() throws Exception {
    List<String> egypt = List.of("-Duser.language=ar", "-Duser.country=EG");

    Ended ended = run(egypt, "analyse", MANIFESTS.toString(), "-o", "junit");

    assertTrue(ended.printed().contains("tests=\""), ended.printed());
    assertTrue(
        ended.printed().chars().noneMatch(c -> c > 0x7F && Character.isDigit(c)), ended.printed());
  }

  private static Ended run(String... arguments) throws IOException, InterruptedException {
    return run(List.of(), arguments);
  }

  private static Ended run(List<String> options, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(Packaged.command(options));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), printed);
  }
}
