// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.api.input.Bodies;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.LabelSelector.Operator;
import io.mtlsmigration.mesh.LabelSelector.Requirement;
import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.DurationText;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.testing.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class PlanReadingTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Path GOLDEN = Path.of("src/test/resources/plan-bodies.golden");

  @Test
  void fillsInEveryDefaultOfTheShortForm() throws Exception {
    PlanReading reading = bind("{\"name\":\"all\",\"target\":\"MESH\"}");

    PlanSpec expected =
        new PlanSpec(
            "all",
            PlanSpec.Target.MESH,
            PlanSpec.Scope.EVERYTHING,
            List.of(),
            PlanSpec.Gates.DEFAULT,
            PlanSpec.Verification.DEFAULT,
            PlanSpec.OnFailure.ROLLBACK,
            PlanSpec.Apply.DIRECT,
            false,
            List.of(),
            PlanSpec.Start.ON_COMMAND);
    assertEquals(new PlanReading(expected, List.of(), List.of()), reading);
  }

  /** Each wrong place costs a sentence, and is compared with each of the planner's. */
  @Test
  void tellsSomeWhereNearlyAllIsWrong() throws Exception {
    String members = "1,".repeat(50_000) + "1";

    PlanReading reading = bind("{\"name\":\"x\",\"scope\":{\"namespaces\":[" + members + "]}}");
    List<Problem> told = reading.problems(List.of());

    assertEquals(1_001, told.size());
    assertEquals("/scope/namespaces/0", told.getFirst().pointer());
    assertEquals(
        new Problem("", "TOO_MANY", "More than 1000 places are wrong; mend these"), told.getLast());
    assertEquals(List.of(), reading.spec().scope().namespaces());
  }

  @Test
  void readsEveryField() throws Exception {
    PlanReading reading =
        bind(
            """
            {"name":"q4","target":"NAMESPACES",
             "scope":{"namespaces":["foo"],"selector":{"matchLabels":{"team":"a"},
               "matchExpressions":[{"key":"tier","operator":"NotIn","values":["edge"]}]}},
             "waves":[{"name":"first","namespaces":["foo"]},{"name":"rest","selector":{}}],
             "gates":{"plaintextWindow":"24h","noSamples":"PASS","soak":"PT30M","probes":false,
               "audit":"1h","approval":"WAVE","changeWindows":["Mon-Fri 09:00-16:00 Europe/Berlin"],
               "hooks":[{"url":"https://example.com/x","when":"AFTER_LOCK"}]},
             "verification":{"duration":"PT10M","maxRefusals":2,"maxClientFailureRatio":0.01,
               "ignoreClients":[{"cidr":"10.0.9.0/24"},{"workload":"legacy/curl"}]},
             "onFailure":"HOLD","apply":"MANIFEST","adopt":true,
             "exceptions":[{"namespace":"foo",
               "selector":{"matchLabels":{"app":"httpbin"},"matchExpressions":[]},
               "port":9090,"owner":"team-a","reason":"scrape","expires":"2027-03-01",
               "plaintextPaths":["/metrics"]}]}
            """);

    PlanSpec expected =
        new PlanSpec(
            "q4",
            PlanSpec.Target.NAMESPACES,
            new PlanSpec.Scope(
                List.of("foo"),
                new LabelSelector(
                    Map.of("team", "a"),
                    List.of(new Requirement("tier", Operator.NOT_IN, List.of("edge"))))),
            List.of(
                new PlanSpec.WaveSpec("first", List.of("foo"), null),
                new PlanSpec.WaveSpec("rest", List.of(), LabelSelector.EVERYTHING)),
            new PlanSpec.Gates(
                Duration.ofHours(24),
                PlanSpec.NoSamples.PASS,
                Duration.ofMinutes(30),
                false,
                Duration.ofHours(1),
                PlanSpec.Approval.WAVE,
                List.of(ChangeWindow.parse("Mon-Fri 09:00-16:00 Europe/Berlin")),
                List.of(
                    new PlanSpec.Hook(
                        URI.create("https://example.com/x"), PlanSpec.Hook.When.AFTER_LOCK))),
            new PlanSpec.Verification(
                Duration.ofMinutes(10),
                2,
                0.01,
                List.of(
                    new PlanSpec.IgnoredClient("10.0.9.0/24", null),
                    new PlanSpec.IgnoredClient(null, "legacy/curl"))),
            PlanSpec.OnFailure.HOLD,
            PlanSpec.Apply.MANIFEST,
            true,
            List.of(
                new PlanSpec.PolicyException(
                    "foo",
                    Map.of("app", "httpbin"),
                    9090,
                    "team-a",
                    "scrape",
                    LocalDate.parse("2027-03-01"),
                    List.of("/metrics"))),
            PlanSpec.Start.ON_COMMAND);
    assertEquals(new PlanReading(expected, List.of(), List.of()), reading);
  }

  static Stream<Arguments> wrong() throws IOException {
    return Files.readAllLines(GOLDEN).stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split(" \\| ", 3))
        .map(
            part ->
                argumentSet(part[0], part[1].replace('\'', '"'), List.of(part[2].split("; ", -1))));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void namesEveryWrongPlace(String body, List<String> expected) throws Exception {
    PlanReading reading = bind(body);

    assertEquals(
        expected,
        reading.problems().stream().map(e -> e.pointer() + " " + e.code()).sorted().toList(),
        () -> reading.problems().stream().map(Problem::detail).toList().toString());
  }

  @Test
  void readsEverythingThatCanBeDrawnAndWritesWhatHasNoFault() {
    AtomicInteger faultless = new AtomicInteger();
    Seeds.each(
        2_000,
        draw -> {
          PlanReading reading = PlanReading.ofBody(new RandomPlanBodies(draw).body());
          ObjectNode written = JSON.valueToTree(PlanSpecs.write(reading.spec()));

          if (reading.isFaultless()) {
            faultless.incrementAndGet();
            assertEquals(reading, PlanReading.ofBody(written.put("name", reading.spec().name())));
          }
        });
    assertTrue(faultless.get() > 200, faultless + " bodies without a fault were drawn");
  }

  @Test
  void tellsABoundAfterWhatTheBoundIsFor() throws Exception {
    PlanReading reading =
        bind(
            "{\"name\":\"a\",\"scope\":{\"namespaces\":[\"Foo\",\"BAR\"]},\"waves\":["
                + waves(201)
                + "]}");

    List<Problem> told =
        reading.problems(
            List.of(new Problem("/scope/namespaces/0", "UNKNOWN_NAMESPACE", "there is none")));

    assertEquals(
        List.of(
            "/scope/namespaces/0 UNKNOWN_NAMESPACE",
            "/scope/namespaces/1 WRONG_VALUE",
            "/waves WRONG_VALUE"),
        told.stream().map(problem -> problem.pointer() + " " + problem.code()).toList());
    assertEquals("Expected are at most 200 entries", told.getLast().detail());
  }

  private static String waves(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "{\"name\":\"w%d\",\"selector\":{}}".formatted(i))
        .collect(Collectors.joining(","));
  }

  @Test
  void namesEveryWrongPlaceOfASpecThatNoSchemaHeld() {
    PlanReading reading =
        PlanReading.ofTree(
            "a",
            Map.of(
                "target",
                "EVERYWHERE",
                "gates",
                Map.of("soak", "1h", "probes", "yes"),
                "ofALaterVersion",
                1));

    assertEquals(
        List.of("/gates/probes WRONG_TYPE", "/target WRONG_VALUE"),
        reading.problems().stream().map(e -> e.pointer() + " " + e.code()).toList());
    assertEquals(Duration.ofHours(1), reading.spec().gates().soak());
  }

  /** In YAML, y, no and 42 are no strings. */
  @Test
  void saysWhatMakesAStringOfAnotherValue() throws Exception {
    List<Problem> problems =
        bind(
                """
                name: y
                scope: {selector: {matchLabels: {team: no}}, namespaces: [42]}
                gates: {soak: 5, probes: 1}
                """,
                "application/yaml")
            .problems();

    assertEquals(
        List.of(
            "/gates/probes: Expected is true or false, found a number",
            "/gates/soak: Expected is " + DurationText.EXPECTED + ", found a number",
            "/name: Expected is a string, found a boolean: put it in quotes",
            "/scope/namespaces/0: Expected is a name of a-z, 0-9 and -, with no dash at the ends,"
                + " found a number: put it in quotes",
            "/scope/selector/matchLabels/team: Expected is a string, found a boolean: put it in"
                + " quotes"),
        problems.stream()
            .filter(problem -> problem.code().equals("WRONG_TYPE"))
            .map(problem -> problem.pointer() + ": " + problem.detail())
            .sorted()
            .toList());
  }

  private static PlanReading bind(String body) throws Exception {
    return bind(body, "application/json");
  }

  private static PlanReading bind(String body, String type) throws Exception {
    return PlanReading.ofBody(
        Bodies.read(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), type));
  }
}
