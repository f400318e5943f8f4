// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Many callers change the same thing at the same time: whoever is told 2xx has not been undone. */
@QuarkusTest
final class ConcurrentWritersIT {

  private static final int WRITERS = 12;
  private static final String NAME = "contested";
  private static final String HOLDS =
      """
      {'scope':{'namespaces':['bar']},
       'gates':{'plaintextWindow':'P7D','soak':'PT1H','approval':'NAMESPACE'}}""";
  private static final String OVERRIDE = "{\"gates\":[\"soak\"],\"comment\":\"agreed\"}";

  @TestHTTPResource("/api/v1/plans/")
  URI plans;

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient client = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeEach
  void draft() {
    Plan.draft(NAME, HOLDS);
  }

  @AfterEach
  void end() {
    if (given().get(plans.resolve(NAME)).statusCode() == 200) {
      Plan.end(NAME);
    }
    threads.close();
    client.close();
  }

  @Test
  void everyChangeThatWasTakenIsInThePlan() throws Exception {
    List<Integer> tries = together(this::addsAWindow);

    Set<String> expected = new TreeSet<>();
    IntStream.range(0, WRITERS).forEach(i -> expected.add(window(i)));
    List<String> windows = given().get(plans.resolve(NAME)).path("gates.changeWindows");
    assertEquals(expected, new TreeSet<>(windows));
    assertTrue(tries.stream().anyMatch(n -> n > 1), "nobody has met anybody: " + tries);
  }

  /** Reads, changes and writes until it is taken; answers how often it had to. */
  private int addsAWindow(int writer) throws Exception {
    for (int tries = 1; tries <= 200; tries++) {
      HttpResponse<String> read = send("GET", NAME + "/spec", null, null);
      ObjectNode spec = (ObjectNode) json.readTree(read.body());
      ((ArrayNode) spec.at("/gates/changeWindows")).add(window(writer));
      int status =
          send("PUT", NAME, read.headers().firstValue("ETag").orElseThrow(), spec.toString())
              .statusCode();
      if (status == 200) {
        return tries;
      }
      assertEquals(412, status);
    }
    throw new AssertionError("writer " + writer + " never came through");
  }

  private static String window(int writer) {
    return "Mon-Fri 0%d:%02d-23:00 UTC".formatted(writer % 10, writer);
  }

  @Test
  void aNameIsGivenToOneOfMany() throws Exception {
    Plan.delete(NAME);

    List<Integer> statuses =
        together(
            writer ->
                send("POST", "", null, "{\"name\":\"" + NAME + "\",\"target\":\"NAMESPACES\"}")
                    .statusCode());

    assertOneOf(201, Set.of(409), statuses);
  }

  @Test
  void oneOfManyDeletesWhatAllHaveRead() throws Exception {
    String tag = tag(NAME);

    List<Integer> statuses = together(writer -> send("DELETE", NAME, tag, null).statusCode());

    assertOneOf(204, Set.of(404, 412), statuses);
  }

  static Stream<Arguments> actions() {
    return Stream.of(
        argumentSet("start", List.of(), "start"),
        argumentSet("pause", List.of("start"), "pause"),
        argumentSet("resume", List.of("start", "pause"), "resume"),
        argumentSet("abort", List.of("start"), "abort"),
        argumentSet("roll back", List.of("start", "abort"), "rollback"));
  }

  @ParameterizedTest
  @MethodSource("actions")
  void oneOfManyActsOnThePlanThatAllHaveRead(List<String> before, String action) throws Exception {
    before.forEach(earlier -> Plan.act(NAME, earlier));

    List<Integer> statuses = contest(NAME, NAME + "/" + action, "");

    assertOneOf(202, Set.of(409, 412), statuses);
  }

  @Test
  void oneOfManyConsentsToThePlanThatAllHaveRead() throws Exception {
    Plan.act(NAME, "start");

    List<Integer> statuses =
        contest(NAME, NAME + "/approvals", "{\"namespace\":\"bar\",\"comment\":\"seen\"}");

    assertOneOf(202, Set.of(412), statuses);
  }

  static Stream<Arguments> stepCommands() {
    return Stream.of(
        argumentSet("skip", "skip", ""),
        argumentSet("exempt", "exempt", "{\"comment\":\"cannot\"}"),
        argumentSet("override", "overrides", OVERRIDE));
  }

  @ParameterizedTest
  @MethodSource("stepCommands")
  void oneOfManyCommandsTheStepThatAllHaveRead(String command, String body) throws Exception {
    start();

    List<Integer> statuses =
        contest(NAME + "/namespaces/bar", NAME + "/namespaces/bar/" + command, body);

    assertOneOf(202, Set.of(409, 412), statuses);
  }

  @Test
  void everyOverrideThatWasTakenIsKept() throws Exception {
    start();

    List<Integer> statuses =
        together(
            writer ->
                send("POST", NAME + "/namespaces/bar/overrides", null, OVERRIDE).statusCode());

    int taken = (int) statuses.stream().filter(status -> status == 202).count();
    List<Object> kept = given().get(plans.resolve(NAME + "/namespaces/bar")).path("overrides");
    assertEquals(taken, kept.size(), statuses::toString);
    assertTrue(taken >= 1, statuses::toString);
    assertTrue(Set.of(202, 412).containsAll(statuses), statuses::toString);
  }

  private void start() {
    Plan.act(NAME, "start");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> given().get(plans.resolve(NAME + "/namespaces/bar")).statusCode() == 200);
  }

  private static void assertOneOf(int won, Set<Integer> lost, List<Integer> statuses) {
    assertEquals(1, statuses.stream().filter(status -> status == won).count(), statuses::toString);
    assertTrue(
        statuses.stream().allMatch(status -> status == won || lost.contains(status)),
        statuses::toString);
  }

  /**
   * All send the same command with the tag that all have read. The loop writes as well: when it has
   * been faster than everybody, all read again.
   */
  private List<Integer> contest(String read, String command, String body) throws Exception {
    List<Integer> statuses = List.of();
    for (int round = 0; round < 20; round++) {
      String tag = tag(read);
      statuses =
          together(writer -> send("POST", command, tag, body.isEmpty() ? null : body).statusCode());
      if (statuses.stream().anyMatch(status -> status != 412)) {
        return statuses;
      }
    }
    return statuses;
  }

  private String tag(String path) throws Exception {
    return send("GET", path, null, null).headers().firstValue("ETag").orElseThrow();
  }

  private interface Write {
    int by(int writer) throws Exception;
  }

  /** Lets all begin at the same moment. */
  private List<Integer> together(Write write) throws Exception {
    CyclicBarrier start = new CyclicBarrier(WRITERS);
    List<Future<Integer>> answers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      answers.add(
          threads.submit(
              () -> {
                start.await();
                return write.by(writer);
              }));
    }
    List<Integer> results = new ArrayList<>();
    for (Future<Integer> answer : answers) {
      results.add(answer.get());
    }
    return results;
  }

  private HttpResponse<String> send(
      String method, String path, @Nullable String ifMatch, @Nullable String body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(path.isEmpty() ? URI.create(trimmed()) : plans.resolve(path))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (ifMatch != null) {
      request.header("If-Match", ifMatch);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private String trimmed() {
    return plans.toString().replaceAll("/$", "");
  }
}
