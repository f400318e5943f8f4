package io.mtlsmigration.api.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.LabelSelector.Operator;
import io.mtlsmigration.mesh.LabelSelector.Requirement;
import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.PlanSpec;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class PlanBinderTest {

  @Test
  void fillsInEveryDefaultOfTheShortForm() throws Exception {
    PlanBinder.Bound bound = bind("{\"name\":\"all\",\"target\":\"MESH\"}");

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
            List.of());
    assertEquals(new PlanBinder.Bound(expected, List.of()), bound);
  }

  @Test
  void readsEveryField() throws Exception {
    PlanBinder.Bound bound =
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
                    List.of("/metrics"))));
    assertEquals(new PlanBinder.Bound(expected, List.of()), bound);
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        wrong("no name", "{}", "/name REQUIRED"),
        wrong("a blank name", "{'name':' '}", "/name REQUIRED"),
        wrong("capitals", "{'name':'Q4'}", "/name WRONG_VALUE"),
        wrong("not an object", "[]", " WRONG_TYPE", "/name REQUIRED"),
        wrong("unknown field", "{'name':'a','x':1}", "/x UNKNOWN_FIELD"),
        wrong(
            "unknown deep field",
            "{'name':'a','gates':{'soack':'1s'}}",
            "/gates/soack UNKNOWN_FIELD"),
        wrong("a field with a slash", "{'name':'a','a/b~c':1}", "/a~1b~0c UNKNOWN_FIELD"),
        wrong("wrong enum", "{'name':'a','target':'EVERYTHING'}", "/target WRONG_VALUE"),
        wrong("wrong case", "{'name':'a','target':'mesh'}", "/target WRONG_VALUE"),
        wrong("enum of a wrong type", "{'name':'a','onFailure':1}", "/onFailure WRONG_TYPE"),
        wrong("no duration", "{'name':'a','gates':{'soak':'soon'}}", "/gates/soak WRONG_VALUE"),
        wrong("a number for one", "{'name':'a','gates':{'soak':5}}", "/gates/soak WRONG_TYPE"),
        wrong("text for a flag", "{'name':'a','adopt':'yes'}", "/adopt WRONG_TYPE"),
        wrong(
            "file: hook",
            "{'name':'a','gates':{'hooks':[{'url':'file:///etc/passwd','when':'BEFORE_LOCK'}]}}",
            "/gates/hooks/0/url WRONG_VALUE"),
        wrong(
            "hook without anything",
            "{'name':'a','gates':{'hooks':[{}]}}",
            "/gates/hooks/0/url REQUIRED",
            "/gates/hooks/0/when REQUIRED"),
        wrong(
            "change window",
            "{'name':'a','gates':{'changeWindows':['always']}}",
            "/gates/changeWindows/0 WRONG_VALUE"),
        wrong(
            "negative refusals",
            "{'name':'a','verification':{'maxRefusals':-1}}",
            "/verification/maxRefusals OUT_OF_RANGE"),
        wrong(
            "a ratio above 1",
            "{'name':'a','verification':{'maxClientFailureRatio':1.5}}",
            "/verification/maxClientFailureRatio OUT_OF_RANGE"),
        wrong(
            "both cidr and workload",
            "{'name':'a','verification':{'ignoreClients':[{'cidr':'10.0.0.0/8','workload':'a/b'}]}}",
            "/verification/ignoreClients/0 EXACTLY_ONE"),
        wrong(
            "no range",
            "{'name':'a','verification':{'ignoreClients':[{'cidr':'10.0.0.300/8'}]}}",
            "/verification/ignoreClients/0/cidr WRONG_VALUE"),
        wrong(
            "In without values",
            "{'name':'a','scope':{'selector':{'matchExpressions':[{'key':'a','operator':'In'}]}}}",
            "/scope/selector/matchExpressions/0/values REQUIRED"),
        wrong(
            "operator in capitals",
            "{'name':'a','scope':{'selector':{'matchExpressions':[{'key':'a','operator':'EXISTS'}]}}}",
            "/scope/selector/matchExpressions/0/operator WRONG_VALUE"),
        wrong(
            "a label that is no text",
            "{'name':'a','scope':{'selector':{'matchLabels':{'a':1}}}}",
            "/scope/selector/matchLabels/a WRONG_TYPE"),
        wrong(
            "expressions in an exception",
            "{'name':'a','exceptions':[{'namespace':'f','selector':{'matchExpressions':"
                + "[{'key':'a','operator':'Exists'}]},"
                + "'owner':'o','reason':'r','expires':'2027-01-01'}]}",
            "/exceptions/0/selector/matchExpressions NOT_SUPPORTED"),
        wrong(
            "port 0 and no day",
            "{'name':'a','exceptions':[{'namespace':'f','port':0,'owner':'o','reason':'r',"
                + "'expires':'tomorrow'}]}",
            "/exceptions/0/port OUT_OF_RANGE",
            "/exceptions/0/expires WRONG_VALUE"),
        wrong(
            "everything at once",
            "{'name':'','target':1,'waves':[{'namespaces':[1]},2],'gates':[],'more':true}",
            "/name REQUIRED",
            "/target WRONG_TYPE",
            "/waves/1 WRONG_TYPE",
            "/waves/0/name REQUIRED",
            "/waves/0/namespaces/0 WRONG_TYPE",
            "/waves/1/name REQUIRED",
            "/gates WRONG_TYPE",
            "/more UNKNOWN_FIELD"));
  }

  private static Arguments wrong(String what, String body, String... expected) {
    return argumentSet(what, body.replace('\'', '"'), List.of(expected));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void namesEveryWrongPlace(String body, List<String> expected) throws Exception {
    PlanBinder.Bound bound = bind(body);

    assertEquals(
        expected,
        bound.errors().stream().map(e -> e.pointer() + " " + e.code()).toList(),
        () -> bound.errors().stream().map(FieldError::detail).toList().toString());
  }

  private static PlanBinder.Bound bind(String body) throws Exception {
    return PlanBinder.bind(new ObjectMapper().readTree(body));
  }
}
