// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.net.httpserver.HttpServer;
import io.mtlsmigration.app.client.StandInService.Asked;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.SimulatedMesh;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.gates.ImpactHashes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What commands ask, print and end with, against a service that a test makes up. */
final class ClientCommandsTest {

  private static final String TOKEN = "s3cr3t.t0ken";
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-27T12:00:00Z"), ZoneOffset.UTC);

  private static final String IMPACT =
      """
      {"subject": "%s", "basis": "q4", "hash": "%s", "total": 5, "breaking": 1, "changes": [],
       "flows": [], "continue": null}
      """;

  private static final String IN_PHASE = "{\"name\": \"q4\", \"phase\": \"%s\", \"endedAt\": %s}";

  private static final String ENDED = "\"2026-11-27T11:00:00Z\"";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Map<String, String> variables = new HashMap<>();
  private Clock clock = CLOCK;
  private StandInService service;

  @BeforeEach
  void start() throws Exception {
    service = StandInService.start();
    variables.put("MTLS_MIGRATION_URL", "http://127.0.0.1:" + service.port());
    variables.put("MTLS_MIGRATION_TOKEN", TOKEN);
  }

  @AfterEach
  void end() {
    service.close();
    assertFalse((printed() + said()).contains(TOKEN), "a token is printed");
  }

  @Test
  void countsOneAsOne() {
    service.answers(
        "GET /mesh",
        200,
        """
        {"mode": "PERMISSIVE", "counts": {"workloads": 1, "namespaces": 2, "byPosture": {}},
         "plaintext": {"window": "PT24H", "clients": 1, "namespaces": 1, "byEvidence": {}}}
        """);
    service.answers("GET /plans?limit=1000", 200, "{\"items\": [], \"continue\": null}");

    assertEquals(0, run("status"), this::said);

    assertTrue(printed().startsWith("The mesh is PERMISSIVE: 1 workload in 2 namespaces"));
    assertTrue(printed().contains("from 1 client to 1 namespace (evidence"), this::printed);
  }

  @Test
  void printsWhoWouldHaveBeenRefused() {
    service.answers(
        "POST /plans/q4/backtest",
        200,
        """
        {"plan": "q4", "from": "2026-10-01T00:00:00Z", "to": "2026-11-01T00:00:00Z",
         "counts": {"opens": 1, "staysShut": 0, "unknown": 1},
         "namespaces": [
           {"namespace": "foo", "wave": "1", "outcome": "OPENS", "message": "nobody called",
            "opensAt": "2026-10-05T05:00:00Z",
            "refused": [{"client": "legacy/report", "calls": 3, "mayFail": false,
                         "firstCall": "2026-10-11T03:00:00Z", "lastCall": "2026-10-25T03:00:00Z"}]},
           {"namespace": "bar", "wave": "2", "outcome": "UNKNOWN", "message": "no proxy",
            "opensAt": null, "refused": []}],
         "notJudged": [{"kind": "GATES", "message": "probes"}]}
        """);

    assertEquals(
        0,
        run("backtest", "q4", "--from", "2026-10-01T00:00:00Z", "--namespaces", "foo,bar"),
        this::said);

    assertEquals(
        "{\"from\":\"2026-10-01T00:00:00Z\",\"namespaces\":[\"foo\",\"bar\"]}",
        service.asked().getFirst().body());
    assertEquals(
        """
        q4 from 2026-10-01T00:00:00Z to 2026-11-01T00:00:00Z: 1 would have been locked, 0 not, of 1 it is not known
        NAMESPACE   WAVE   OUTCOME   LOCKED BY              WHY
        foo         1      OPENS     2026-10-05T05:00:00Z   nobody called
        bar         2      UNKNOWN   -                      no proxy
        REFUSED         BY    CALLS   FIRST                  LAST                   MAY FAIL
        legacy/report   foo   3       2026-10-11T03:00:00Z   2026-10-25T03:00:00Z   no
        not judged: probes
        """,
        printed());
  }

  @Test
  void asksAsTheCaller() {
    service.answers("GET /plans?limit=1000", 200, "{\"items\": [], \"continue\": null}");

    assertEquals(0, run("plan", "list"), this::said);

    assertEquals("there is no plan\n", printed());
    assertEquals(List.of(new Asked("GET /plans?limit=1000", TOKEN, "")), service.asked());
  }

  @Test
  void prefersOptionsToVariables(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("token"), "of.file\n");
    service.answers("POST /plans/q4/start", 202, PLAN);
    variables.put("MTLS_MIGRATION_TOKEN_FILE", "/none");

    run("start", "q4", "--token-file", file.toString());
    run("start", "q4", "--token-file", file.toString(), "--token", "of.option");

    assertEquals(
        List.of("of.file", "of.option"), service.asked().stream().map(Asked::token).toList());
  }

  @Test
  void readsListsToTheirEnd() {
    service
        .answers(
            "GET /plans?limit=1000", 200, "{\"items\": [{\"name\": \"a\"}], \"continue\": \"n\"}")
        .answers(
            "GET /plans?continue=n&limit=1000",
            200,
            "{\"items\": [{\"name\": \"b\", \"new\": true}], \"continue\": null}");

    run("plan", "list", "-o", "json");

    assertEquals(
        "{\"items\":[{\"name\":\"a\"},{\"name\":\"b\",\"new\":true}],\"continue\":null}",
        printed().replaceAll("\\s", ""));
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        argumentSet("not authenticated", 3, 401),
        argumentSet("forbidden", 1, 403),
        argumentSet("not there", 1, 404),
        argumentSet("too slow", 3, 408),
        argumentSet("not allowed now", 1, 409),
        argumentSet("wrong", 1, 422),
        argumentSet("too much", 3, 429),
        argumentSet("a fault", 3, 500),
        argumentSet("away", 3, 503),
        argumentSet("elsewhere", 3, 302));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void endsByWhatIsKnown(int code, int status) {
    service.answers(
        "POST /plans/q4/start",
        status,
        """
        {"title": "A title", "code": "SOME_CODE", "detail": "A detail", "errors": [
          {"pointer": "/gates/soak", "detail": "is no duration"},
          {"parameter": "limit", "detail": "is too large"}], "allowedActions": ["PAUSE"]}
        """);

    assertEquals(code, run("start", "q4"));

    assertEquals(
        """
        A title (%d SOME_CODE)
          A detail
          at /gates/soak: is no duration
          at limit: is too large
          what to do: one of pause
        """
            .formatted(status),
        said());
    assertEquals("", printed());
  }

  @Test
  void sendsNoTokenAfterARedirect() throws Exception {
    try (StandInService other = StandInService.start()) {
      service.redirects("POST /plans/q4/start", "http://127.0.0.1:" + other.port() + "/");

      assertEquals(3, run("start", "q4"));

      assertEquals(List.of(), other.asked());
    }
  }

  @Test
  void saysThatAnAnswerIsNotTheServices() {
    service.answers("GET /plans?limit=1000", 404, "<html>nothing\u001b[2J</html>");
    assertEquals(3, run("plan", "list"));

    service.answers("GET /plans?limit=1000", 403, "{\"kind\": \"Status\", \"code\": 403}");
    assertEquals(3, run("plan", "list"));

    service.answers("GET /plans?limit=1000", 200, "<html>hello</html>");
    assertEquals(3, run("plan", "list"));

    assertFalse(said().contains("html"), said());
  }

  @Test
  void saysThatNobodyAnswers() {
    service.close();

    assertEquals(3, run("status"));

    assertTrue(said().contains("no answer from http://127.0.0.1"), said());
  }

  @Test
  void commandsNoTerminalByWordsOfOthers() {
    String hostile = "\\u001b[2J\\u009b31m\\u202eevil\\n::error::x";
    String named = "{\"items\": [{\"name\": \"%s\"}], \"continue\": null}".formatted(hostile);
    String refused =
        "{\"title\": \"%1$s\", \"code\": \"%1$s\", \"detail\": \"%1$s\"}".formatted(hostile);
    service
        .answers("GET /plans?limit=1000", 200, named)
        .answers("POST /plans/q4/start", 409, refused)
        .answers("GET /connectivity", 200, "a \u001b[2J line\n::error::x\n")
        .answers(
            "POST /plans/q4/namespaces/foo/retry",
            202,
            "{\"namespace\": \"%s\", \"plan\": \"q4\"}".formatted(hostile));

    run("plan", "list");
    run("plan", "list", "-o", "json");
    run("start", "q4");
    run("matrix");
    run("retry", "q4", "foo");

    String all = printed() + said();
    assertTrue(all.contains("evil"), all);
    assertTrue(
        all.codePoints()
            .noneMatch(
                c ->
                    c != '\n'
                        && (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT)),
        all);
    assertFalse(all.contains("\n::"), all);
  }

  static Stream<Arguments> wrongCallers() {
    return Stream.of(
        argumentSet("a token in plaintext", "--server", "http://mtls.example", "plaintext"),
        argumentSet("a name that looks local", "--server", "http://127.evil.example", "plaintext"),
        argumentSet(
            "a password in the URL", "--server", "https://ann:pass@mtls.example", "--server"),
        argumentSet("another scheme", "--server", "ftp://mtls.example", "--server"),
        argumentSet("no URL", "--server", "mtls example", "--server"),
        argumentSet("a token that is none", "--token", "a\r\nX-Other: b", "the token is none"),
        argumentSet("a file that is none", "--token-file", "/none", "/none"),
        argumentSet("no certificates", "--ca-file", "/none", "/none"));
  }

  @ParameterizedTest
  @MethodSource("wrongCallers")
  void refusesBeforeItAsks(String option, String value, String told) {
    assertEquals(2, run("status", option, value));

    assertTrue(said().contains(told), said());
    assertFalse(said().contains("pass@") || said().contains("X-Other"), said());
    assertEquals(List.of(), service.asked());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pause", "rollback --all", "plan delete", "plan show", "exempt q4"})
  void refusesWhatIsNoName(String command) {
    for (String name : List.of("", ".", "..")) {
      List<String> words = new ArrayList<>(List.of(command.split(" ")));
      words.add(name);
      assertEquals(2, run(words.toArray(String[]::new)), command + " '" + name + "'");
    }
    assertEquals(List.of(), service.asked());
  }

  /** Such as {@code rollback q4 $NS} of a variable that is not set. */
  @Test
  void takesAWholePlanBackOnlyWhenAsked() {
    assertEquals(2, run("rollback", "q4"));
    assertTrue(said().contains("--all"), said());
    assertEquals(2, run("rollback", "q4", ""));
    assertEquals(2, run("rollback", "q4", "foo", "--all"));
    assertEquals(2, run("rollback", "q4", "--mesh", "--all"));
    assertEquals(2, run("rollback", "q4", "--all=false"));

    assertEquals(List.of(), service.asked());
  }

  @Test
  void takesAFlagThatIsFalseForLeftOut() {
    service
        .answers(
            "GET /namespaces/foo/impact?breaking=true&limit=1000&plan=q4",
            200,
            IMPACT.formatted("foo", "abc"))
        .answers("POST /plans", 201, "{\"name\": \"q4\", \"phase\": \"DRAFT\"}")
        .answers("DELETE /plans/q4", 204, "");

    assertEquals(1, run("approve", "q4", "foo", "--yes=false"));
    assertEquals(1, run("approve", "q4", "foo", "--mesh=false"));
    assertEquals(0, run("plan", "create", "-f", "-", "--start=false"), this::said);
    assertEquals(0, run("plan", "delete", "q4", "--keep-policies=false"), this::said);
    assertEquals(
        2, run("pause", "q4", "--server", "http://mtls.example", "--allow-plain-http=false"));

    assertEquals(
        List.of("POST /plans", "DELETE /plans/q4"),
        service.asked().stream()
            .map(Asked::call)
            .filter(asked -> !asked.startsWith("GET"))
            .toList());
  }

  @Test
  void excludesAServerFromAKubeconfig() {
    assertEquals(2, run("status", "--server", "http://127.0.0.1:1", "--kubeconfig", "lab.yaml"));
    assertEquals(2, run("status", "--kubeconfig", "/none"));

    assertTrue(said().contains("there is no kubeconfig at /none"), said());
  }

  @Test
  void showsAnImpactBeforeItApprovesIt() {
    service
        .answers(
            "GET /namespaces/foo/impact?breaking=true&limit=1000&plan=q4",
            200,
            IMPACT.formatted("foo", "abc"))
        .answers("POST /plans/q4/approvals", 202, PLAN);

    assertEquals(1, run("approve", "q4", "foo"));
    assertTrue(printed().contains("hash abc"), printed());
    assertEquals(1, run("approve", "q4", "foo", "--impact", "other"));
    assertEquals(0, approvals().size());

    assertEquals(0, run("approve", "q4", "foo", "--impact", "abc", "--comment", "@ann agreed"));

    assertEquals(
        List.of("{\"comment\":\"@ann agreed\",\"impactHash\":\"abc\",\"namespace\":\"foo\"}"),
        approvals());
  }

  /** All of it or nothing, bound to the hash that the service itself has for a wave. */
  @Test
  void approvesAWaveByOneHashOverItsImpacts() {
    SimulatedMesh mesh = new SimulatedMesh(Worlds.task());
    mesh.start(Specs.namespaces("foo", "bar").wave("first", "foo", "bar"));
    PlanRecord plan = mesh.plan("plan");
    Wave wave = plan.waves().getFirst();
    service
        .answers(
            "GET /plans/q4",
            200,
            "{\"waves\": [{\"name\": \"first\", \"namespaces\": [\"%s\"]}]}"
                .formatted(String.join("\", \"", wave.namespaces())))
        .answers("POST /plans/q4/approvals", 202, PLAN);
    for (String namespace : wave.namespaces()) {
      String hash = ImpactHashes.of(plan, new StepKey(namespace), mesh.observe());
      service.answers(
          "GET /namespaces/" + namespace + "/impact?breaking=true&limit=1000&plan=q4",
          200,
          IMPACT.formatted(namespace, hash));
    }
    String hash = ImpactHashes.wave(plan, wave, mesh.observe());

    assertEquals(2, run("approve", "q4", "foo", "--wave", "first"));
    assertEquals(2, run("approve", "q4", "--wave", "second"));
    assertEquals(1, run("approve", "q4", "--wave", "first"));
    assertTrue(printed().contains("hash of the wave " + hash), printed());
    assertEquals(0, run("approve", "q4", "--wave", "first", "--impact", hash));

    assertEquals(
        List.of("{\"impactHash\":\"%s\",\"wave\":\"first\"}".formatted(hash)), approvals());
  }

  @Test
  void takesNoNamespaceForTheMesh() {
    service
        .answers(
            "GET /namespaces/mesh/impact?breaking=true&limit=1000&plan=q4",
            200,
            IMPACT.formatted("mesh", "abc"))
        .answers("GET /namespaces/mesh/impact?breaking=true&limit=1000", 200, "{\"flows\": []}")
        .answers(
            "GET /mesh/impact?breaking=true&limit=1000&plan=q4",
            200,
            IMPACT.formatted("mesh", "def"))
        .answers("POST /plans/q4/approvals", 202, PLAN);

    assertEquals(0, run("impact", "mesh"), this::said);
    assertEquals(0, run("approve", "q4", "mesh", "--yes"), this::said);
    assertEquals(0, run("approve", "q4", "--mesh", "--yes"), this::said);

    assertEquals(
        List.of(
            "{\"impactHash\":\"abc\",\"namespace\":\"mesh\"}",
            "{\"impactHash\":\"def\",\"mesh\":true}"),
        approvals());
  }

  @Test
  void approvesNoWaveWithoutMembers() {
    service.answers(
        "GET /plans/q4", 200, "{\"waves\": [{\"name\": \"first\", \"namespaces\": []}]}");

    assertEquals(2, run("approve", "q4", "--wave", "first", "--yes"));

    assertTrue(said().contains("no namespace"), said());
  }

  private List<String> approvals() {
    return service.asked().stream()
        .filter(asked -> asked.call().equals("POST /plans/q4/approvals"))
        .map(Asked::body)
        .toList();
  }

  static Stream<Arguments> commands() {
    return Stream.of(
        arguments("pause q4", "POST /plans/q4/pause", ""),
        arguments("rollback q4 --all", "POST /plans/q4/rollback", ""),
        arguments("rollback q4 --mesh", "POST /plans/q4/mesh/rollback", ""),
        arguments("rollback q4 a/b", "POST /plans/q4/namespaces/a%2Fb/rollback", ""),
        arguments(
            "exempt q4 foo --comment why",
            "POST /plans/q4/namespaces/foo/exempt",
            "{\"comment\":\"why\"}"),
        arguments(
            "override q4 foo --gate soak,window --comment why",
            "POST /plans/q4/namespaces/foo/overrides",
            "{\"comment\":\"why\",\"gates\":[\"soak\",\"window\"]}"),
        arguments(
            "override q4 foo --gate plaintext --force --comment why",
            "POST /plans/q4/namespaces/foo/overrides",
            "{\"comment\":\"why\",\"force\":true,\"gates\":[\"plaintext\"]}"),
        arguments(
            "ignore q4 legacy/curl --comment why",
            "POST /plans/q4/ignored-clients",
            "{\"comment\":\"why\",\"workload\":\"legacy/curl\"}"),
        arguments(
            "ignore q4 10.0.9.0/24 --comment why",
            "POST /plans/q4/ignored-clients",
            "{\"cidr\":\"10.0.9.0/24\",\"comment\":\"why\"}"),
        arguments(
            "exceptions add q4 foo --selector app=web,tier= --port 9090 --owner a --reason b"
                + " --expires 2027-03-01 --path /metrics,/x",
            "POST /plans/q4/exceptions",
            "{\"expires\":\"2027-03-01\",\"namespace\":\"foo\",\"owner\":\"a\","
                + "\"plaintextPaths\":[\"/metrics\",\"/x\"],\"port\":9090,\"reason\":\"b\","
                + "\"selector\":{\"matchLabels\":{\"app\":\"web\",\"tier\":\"\"}}}"),
        arguments("exceptions remove q4 foo.9090.1", "DELETE /plans/q4/exceptions/foo.9090.1", ""),
        arguments(
            "exceptions remove q4 foo.9090.1 --dry-run",
            "DELETE /plans/q4/exceptions/foo.9090.1?dryRun=true&limit=1000",
            ""),
        arguments(
            "exceptions list q4 --state expired --namespace foo",
            "GET /plans/q4/exceptions?limit=1000&namespace=foo&state=EXPIRED",
            ""),
        arguments(
            "events q4 --since 2026-11-25T10:00:00Z",
            "GET /plans/q4/events?limit=30&since=2026-11-25T10%3A00%3A00Z",
            ""),
        arguments("plan delete q4", "DELETE /plans/q4", ""),
        arguments("plan delete q4 --keep-policies", "DELETE /plans/q4?keepPolicies=true", ""),
        arguments("plan create -f -", "POST /plans", "{name: q4}"),
        arguments("plan preview -f -", "POST /plans?dryRun=true", "{name: q4}"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void asksForWhatItsNameSays(String command, String call, String body) {
    service.answers(call, taken(call).isEmpty() ? 204 : 202, taken(call));

    assertEquals(0, run(command.split(" ")), this::said);

    assertEquals(List.of(new Asked(call, TOKEN, body)), service.asked());
  }

  private static final String PLAN = "{\"name\": \"q4\", \"phase\": \"RUNNING\"}";

  private static String taken(String call) {
    return call.startsWith("DELETE /plans/q4?") || call.equals("DELETE /plans/q4")
        ? ""
        : "{\"items\": [], \"phase\": \"RUNNING\", \"id\": \"x\", \"exception\": {}}";
  }

  /** A gateway on the way that answers all with 200 has taken no command. */
  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[]", "null", "{\"items\": []}"})
  void anAnswerOfSomebodyElseIsNoDeed(String answer) {
    commands()
        .map(arguments -> (String) arguments.get()[0])
        .filter(command -> !command.startsWith("exceptions list") && !command.startsWith("events"))
        .filter(command -> !command.startsWith("plan preview"))
        .forEach(
            command -> {
              commands()
                  .map(arguments -> (String) arguments.get()[1])
                  .forEach(call -> service.answers(call, 200, answer));

              assertEquals(3, run(command.split(" ")), command);
            });

    assertEquals("", printed());
  }

  private static final String EXCEPTION =
      """
      {"id": "foo.9090.1", "state": "EXPIRED", "namespace": "foo", "port": 9090, "owner": "team-a",
       "selector": {"matchLabels": {"app": "web"}}, "reason": "scrape", "expires": "2026-03-01",
       "plaintextPaths": ["/metrics"]}
      """;

  @Test
  void changesWhatIsAgreedOfTheVersionThatItRead() {
    String one = "/plans/q4/exceptions/foo.9090.1";
    service.answersWithTag("GET " + one, EXCEPTION, "\"7\"").answers("PUT " + one, 200, EXCEPTION);

    assertEquals(
        0, run("exceptions", "change", "q4", "foo.9090.1", "--expires", "2027-06-01"), this::said);

    assertEquals(
        "{\"namespace\":\"foo\",\"port\":9090,\"owner\":\"team-a\",\"selector\":"
            + "{\"matchLabels\":{\"app\":\"web\"}},\"reason\":\"scrape\","
            + "\"expires\":\"2027-06-01\",\"plaintextPaths\":[\"/metrics\"]}",
        service.asked().getLast().body());
    assertEquals(List.of("\"7\""), service.ifMatch());
  }

  @Test
  void listsWhatStaysOpen() {
    service.answers(
        "GET /plans/q4/exceptions?limit=1000",
        200,
        "{\"items\": [" + EXCEPTION + "], \"continue\": null}");

    assertEquals(0, run("exceptions", "list", "q4"), this::said);

    assertEquals(
        """
        EXCEPTION    SELECTOR   OWNER    EXPIRES      STATE     REASON   PATHS
        foo.9090.1   app=web    team-a   2026-03-01   EXPIRED   scrape   /metrics
        """,
        printed());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exceptions change q4 foo.9090.1",
        "exceptions add q4 foo --selector app --owner a --reason b --expires 2027-03-01",
        "exceptions add q4 foo --selector app=a --port x --owner a --reason b --expires 2027-03-01",
      })
  void changesNoExceptionByHalfACommand(String command) {
    assertEquals(2, run(command.split(" ")));

    assertEquals(List.of(), service.asked());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | null | foo.9090.1 may end",
        "1 | \"roll foo back first\" | foo.9090.1 cannot end yet: roll foo back first"
      })
  void showsWhatTheEndOfAnExceptionWouldRefuse(int exit, String hindrance, String first) {
    service.answers(
        "DELETE /plans/q4/exceptions/foo.9090.1?dryRun=true&limit=1000",
        200,
        """
        {"kind": "ExceptionPreview", "dryRun": true, "exception": {"id": "foo.9090.1"}, "hindrance": %s,
         "impact": {"subject": "foo", "basis": "FACTS", "breaking": 1, "total": 3, "hash": "3b0c",
                    "flows": [{"from": "legacy/curl", "to": "httpbin.foo:9090", "now": "OK", "then": "REFUSED",
                               "basis": "SEEN", "breaks": true}]}}
        """
            .formatted(hindrance));

    assertEquals(exit, run("exceptions", "remove", "q4", "foo.9090.1", "--dry-run"), this::said);

    assertEquals(first, printed().lines().findFirst().orElseThrow());
    assertTrue(printed().contains("legacy/curl"), this::said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wait q4 --for COMPLETE | COMPLETE is no phase of a plan: DRAFT, RUNNING, PAUSED, COMPLETED,",
        "wait q4 --for LOCKED | LOCKED is no phase of a plan: DRAFT,",
        "wait q4 foo --for COMPLETED | COMPLETED is no phase of a step: PENDING, OBSERVING,",
        "wait q4 --mesh --for locked,gone | GONE is no phase of a step: PENDING,"
      })
  void waitsForNoPhaseThatNeverComes(String command, String told) {
    assertEquals(2, run(command.split(" ")));

    assertTrue(said().contains(told), this::said);
    assertEquals(List.of(), service.asked());
  }

  private static final String WINDOWS =
      """
      {"plaintextWindow": "PT24H", "soak": "PT30M", "audit": null, "verificationDuration": "PT10M"}
      """;

  @Test
  void showsHowLongAPlanLooks() {
    service.answersWithTag("GET /plans/q4/windows", WINDOWS, "\"7\"");

    assertEquals(0, run("windows", "q4"), this::said);

    assertEquals(
        """
        WINDOW                 LENGTH
        plaintextWindow        PT24H
        soak                   PT30M
        audit                  none
        verificationDuration   PT10M
        """,
        printed());
  }

  @Test
  void changesTheWindowsThatItRead() {
    service
        .answersWithTag("GET /plans/q4/windows", WINDOWS, "\"7\"")
        .answers("PUT /plans/q4/windows", 200, WINDOWS);

    assertEquals(
        0, run("windows", "q4", "--soak", "10m", "--override", "--comment", "agreed"), this::said);

    assertEquals(
        "{\"plaintextWindow\":\"PT24H\",\"soak\":\"10m\",\"verificationDuration\":\"PT10M\","
            + "\"override\":true,\"comment\":\"agreed\"}",
        service.asked().getLast().body());
    assertEquals(List.of("\"7\""), service.ifMatch());
  }

  @Test
  void changesNoWindowThatIsNotNamed() {
    assertEquals(2, run("windows", "q4", "--override", "--comment", "agreed"));

    assertEquals(List.of(), service.asked());
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.9.0/24", "legacy/curl"})
  void takesAClientOffByItsName(String client) {
    service
        .answers(
            "GET /plans/q4/ignored-clients?limit=1000",
            200,
            "{\"items\": [{\"id\": \"w.1\", \"workload\": \"legacy/curl\", \"cidr\": null},"
                + " {\"id\": \"c.1\", \"workload\": null, \"cidr\": \"10.0.9.0/24\"}]}")
        .answers("DELETE /plans/q4/ignored-clients/c.1", 200, PLAN)
        .answers("DELETE /plans/q4/ignored-clients/w.1", 200, PLAN);

    assertEquals(0, run("heed", "q4", client), this::said);

    assertEquals(
        "DELETE /plans/q4/ignored-clients/" + (client.startsWith("1") ? "c.1" : "w.1"),
        service.asked().getLast().call());
    assertEquals(2, run("heed", "q4", "bar/curl"));
    assertEquals(0, run("ignored", "q4"));
    assertTrue(printed().endsWith("legacy/curl\n10.0.9.0/24\n"), printed());
  }

  @Test
  void failsForWhoIsSeenAndForWhatIsNotKnown() {
    String query = "GET /traffic?limit=1000&namespace=foo&security=plaintext";
    service.answers("GET /namespaces/foo", 200, "{}");
    // Watched now, and not for a day: what the answer to the other question does not tell.
    service.answers(query, 200, "{\"items\": [], \"gaps\": [], \"gapCount\": 0}");
    assertEquals(0, run("who", "foo"));
    query += "&window=24h";

    service.answers(
        query, 200, "{\"window\": \"PT24H\", \"items\": [], \"gaps\": [], \"gapCount\": 0}");
    assertEquals(0, run("who", "foo", "--exit-code"));
    service.answers(query, 200, "{\"items\": [{\"from\": \"legacy/curl\"}], \"gapCount\": 0}");
    assertEquals(0, run("who", "foo", "--window", "24h"));
    assertEquals(1, run("who", "foo", "--exit-code"));
    service.answers(
        query,
        200,
        """
        {"items": [], "gaps": [{"namespace": "foo", "detail": "Prometheus is down"}], "gapCount": 1}
        """);
    assertEquals(1, run("who", "foo", "--exit-code"));

    assertTrue(printed().contains("not known: foo: Prometheus is down"), printed());
  }

  /** Who is known from calls alone is not in an impact while nobody measures any. */
  @Test
  void anImpactOfWhatIsNotMeasuredIsNoVerdict() {
    service.answers(
        "GET /namespaces/foo/impact?breaking=true&limit=1000",
        200,
        "{\"subject\": \"foo\", \"breaking\": 0, \"flows\": []}");
    String traffic = "GET /traffic?limit=1&namespace=foo&window=24h";
    service.answers(
        traffic,
        200,
        """
        {"items": [], "gapCount": 1,
         "gaps": [{"namespace": "foo", "state": "UNAVAILABLE", "detail": "Prometheus is down"}]}
        """);
    assertEquals(1, run("impact", "foo", "--exit-code"));
    assertTrue(said().contains("not known: foo: Prometheus is down"), said());

    service.answers(traffic, 200, "{\"items\": [], \"gapCount\": 0, \"gaps\": []}");
    assertEquals(0, run("impact", "foo", "--exit-code"), this::said);
  }

  /** A gateway on the way that answers all with 200 has seen nobody, and knows nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[]", "null", "{\"items\": null, \"flows\": null}"})
  void anAnswerOfSomebodyElseIsNoVerdict(String answer) {
    service.answers("GET /namespaces/foo", 200, answer);
    service.answers(
        "GET /traffic?limit=1000&namespace=foo&security=plaintext&window=24h", 200, answer);
    service.answers("GET /namespaces/foo/impact?breaking=true&limit=1000", 200, answer);

    assertEquals(3, run("who", "foo", "--exit-code"), this::printed);
    assertEquals(3, run("impact", "foo", "--exit-code"), this::printed);

    assertEquals("", printed());
  }

  @ParameterizedTest
  @ValueSource(strings = {"BLOCKED", "INCONCLUSIVE", "SOMETHING_NEW"})
  void isReadyOnlyByThatVerdict(String verdict) {
    service.answers(
        "GET /namespaces/foo/readiness", 200, "{\"verdict\": \"%s\"}".formatted(verdict));
    service.answers("GET /namespaces/bar/readiness", 200, "{\"verdict\": \"READY\"}");

    assertEquals(1, run("ready", "foo"));
    assertEquals(0, run("ready", "bar"));
  }

  @Test
  void endsToWaitWhenAPlanHasEndedOtherwise() {
    service.answers("GET /plans/q4", 200, IN_PHASE.formatted("ABORTED", ENDED));

    assertEquals(1, run("wait", "q4", "--for", "completed"));
    assertEquals(0, run("wait", "q4", "--for", "COMPLETED,aborted"));
  }

  /** These phases begin with the command, and the plan has ended when all is done. */
  @ParameterizedTest
  @ValueSource(strings = {"ROLLED_BACK", "CLEANED_UP", "ABORTED"})
  void waitsForTheEndOfWhatWasAsked(String phase) {
    service
        .answers("GET /plans/q4", 200, IN_PHASE.formatted(phase, null))
        .thenAnswers("GET /plans/q4", 200, IN_PHASE.formatted(phase, ENDED));

    assertEquals(0, run("wait", "q4", "--for", phase));

    assertEquals(2, service.asked().size());
  }

  @Test
  void givesUpNoPlanThatHasNotEnded() {
    service
        .answers("GET /plans/q4", 200, IN_PHASE.formatted("ABORTED", null))
        .thenAnswers("GET /plans/q4", 200, IN_PHASE.formatted("RUNNING", null))
        .thenAnswers("GET /plans/q4", 200, IN_PHASE.formatted("COMPLETED", null));

    assertEquals(0, run("wait", "q4", "--for", "COMPLETED"));
  }

  /** As in a rolling upgrade, of which an ingress tells in its own words. */
  @ParameterizedTest
  @CsvSource({"502, <html>", "503, {\"title\": \"away\"}", "429, {\"title\": \"busy\"}"})
  void waitsForAServiceThatIsAwayForAWhile(int status, String body) {
    service
        .answers("GET /plans/q4", 200, IN_PHASE.formatted("RUNNING", null))
        .thenAnswers("GET /plans/q4", status, body)
        .thenAnswers("GET /plans/q4", status, body)
        .thenAnswers("GET /plans/q4", 200, IN_PHASE.formatted("COMPLETED", null));

    assertEquals(0, run("wait", "q4", "--for", "COMPLETED"), this::said);

    assertEquals("answered with %d; it is asked again\n".formatted(status), said());
  }

  @Test
  void waitsForAServiceThatListensLater() throws Exception {
    int port = service.port();
    service.close();
    HttpServer later = HttpServer.create();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Thread.sleep(1500);
                later.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
                later.createContext(
                    "/",
                    exchange -> {
                      byte[] body = IN_PHASE.formatted("COMPLETED", null).getBytes(UTF_8);
                      exchange.sendResponseHeaders(200, body.length);
                      exchange.getResponseBody().write(body);
                      exchange.close();
                    });
                later.start();
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    try {
      assertEquals(0, run("wait", "q4", "--for", "COMPLETED", "--within", "1m"), this::said);
    } finally {
      later.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({"401, 3", "403, 1", "404, 1", "422, 1"})
  void waitsNoLongerOnceItIsRefused(int status, int exit) {
    service
        .answers("GET /plans/q4", 200, IN_PHASE.formatted("RUNNING", null))
        .thenAnswers("GET /plans/q4", status, "{\"title\": \"no\"}");

    assertEquals(exit, run("wait", "q4", "--for", "COMPLETED", "--within", "1m"), this::said);

    assertEquals(2, service.asked().size());
  }

  @Test
  void waitsForNobodyWithoutAnEndOrBeyondIt() {
    service.answers("GET /plans/q4", 503, "{\"title\": \"away\"}");

    assertEquals(3, run("wait", "q4", "--for", "COMPLETED"), this::said);
    assertEquals(1, service.asked().size());
    clock = Clock.systemUTC();
    assertEquals(3, run("wait", "q4", "--for", "COMPLETED", "--within", "1s"), this::said);
  }

  static Stream<Arguments> lines() {
    return Stream.of(
        argumentSet("a command", "sta", "start status :4"),
        argumentSet("a command of a command", "plan s", "show :4"),
        argumentSet("not what shells ask", "__", ":4"),
        argumentSet("a plan", "plan show ", "q4 q5 :4"),
        argumentSet("a plan that is begun", "approve q5", "q5 :4"),
        argumentSet("a namespace after it", "approve q4 b", "bar :4"),
        argumentSet("after options", "approve --yes --comment x q4 f", "foo :4"),
        argumentSet("a wave of that plan", "approve q4 --wave ", "first rest :4"),
        argumentSet("an option", "approve q4 --wa", "--wave :4"),
        argumentSet("the whole plan", "rollback q4 --al", "--all --allow-plain-http :4"),
        argumentSet("an exception", "exceptions remove q4 f", "foo.9090.1 :4"),
        argumentSet("a value of an option", "status -o j", "json :4"),
        argumentSet("an option of a command", "exceptions remove q4 x --dr", "--dry-run :4"),
        argumentSet("a shell", "completion z", "zsh :4"),
        argumentSet("a file", "plan create -f ", ":0"),
        argumentSet("free text", "exempt q4 foo --comment ", ":4"),
        argumentSet("too many words", "plan show q4 ", ":4"),
        argumentSet("another service", "plan show --server http://127.0.0.1:1 ", ":4"));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void completes(String line, String offered) {
    service
        .answers(
            "GET /plans?limit=1000",
            200,
            "{\"items\": [{\"name\": \"q5\"}, {\"name\": \"q4\"}, {\"name\": \"$(reboot)\"},"
                + " {\"name\": \"a b\"}]}")
        .answers(
            "GET /namespaces?limit=1000",
            200,
            "{\"items\": [{\"name\": \"foo\"}, {\"name\": \"bar\"}]}")
        .answers(
            "GET /plans/q4/exceptions?limit=1000", 200, "{\"items\": [{\"id\": \"foo.9090.1\"}]}")
        .answers(
            "GET /plans/q4", 200, "{\"waves\": [{\"name\": \"first\"}, {\"name\": \"rest\"}]}");
    List<String> words = new ArrayList<>(List.of("__complete"));
    words.addAll(List.of(line.split(" ", -1)));

    assertEquals(0, run(words.toArray(String[]::new)));

    assertEquals(offered, printed().strip().replace("\n", " "));
  }

  @Test
  void printsManifestsInOneForm() {
    service.answers("GET /plans/q4/manifests", 200, "a: 1\n");

    assertEquals(0, run("plan", "manifests", "q4"));
    assertEquals(2, run("plan", "manifests", "q4", "-o", "json"));

    assertEquals("a: 1\n", printed());
    assertTrue(said().contains("YAML"), said());
  }

  @Test
  void teachesEachCommandByAnExample() throws Exception {
    List<String> untaught = new ArrayList<>();
    for (CommandSpec spec : leaves(ClientCommands.specs())) {
      String help = new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
      if (!help.contains("Examples:") || !help.contains("Exit codes:") || help.contains("null")) {
        untaught.add(spec.name());
      }
    }
    assertEquals(List.of(), untaught);
    String documented = Files.readString(Path.of("docs/cli.md"));
    assertEquals(
        List.of(),
        ClientCommands.specs().stream()
            .filter(spec -> !spec.usageMessage().hidden())
            .map(CommandSpec::name)
            .filter(name -> !documented.contains("`" + name))
            .toList());
  }

  /** Examples are commands that can be parsed. */
  @Test
  void givesExamplesThatWork() {
    CommandLine parser = parser();
    List<CommandSpec> specs =
        parser.getSubcommands().values().stream().map(CommandLine::getCommandSpec).toList();
    for (CommandSpec spec : leaves(specs)) {
      for (String example : spec.usageMessage().footer()) {
        String arguments = example.strip().replace("mtls-migration ", "").split(" [<>] ", -1)[0];
        parser.parseArgs(arguments.replaceAll("'[^']*'", "text").split(" ", -1));
      }
    }
  }

  private static List<CommandSpec> leaves(List<CommandSpec> specs) {
    return specs.stream()
        .filter(spec -> !spec.usageMessage().hidden())
        .flatMap(
            spec ->
                Stream.concat(
                    Stream.of(spec),
                    spec.subcommands().values().stream().map(CommandLine::getCommandSpec)))
        .toList();
  }

  private static CommandLine parser() {
    CommandSpec root = CommandSpec.create().name("mtls-migration");
    ClientCommands.specs().forEach(spec -> root.addSubcommand(spec.name(), spec));
    return new CommandLine(root).setCaseInsensitiveEnumValuesAllowed(true).setExpandAtFiles(false);
  }

  private int run(String... words) {
    ClientCommands commands =
        new ClientCommands(
            new Streams(
                new ByteArrayInputStream("{name: q4}".getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8)),
            new ClientEnvironment(variables, List.of(Path.of("/none"))),
            clock,
            "test");
    return commands.run(parser().parseArgs(words).subcommand());
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
