// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import static io.mtlsmigration.kubernetes.policy.Api.READ;
import static io.mtlsmigration.kubernetes.policy.Api.WRITE;
import static io.mtlsmigration.kubernetes.policy.Api.json;
import static io.mtlsmigration.kubernetes.policy.Api.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.fabric8.mockwebserver.http.RecordedRequest;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.rollout.DryRunPolicies.Placement;
import io.mtlsmigration.rollout.DryRunPolicies.Removal;
import io.mtlsmigration.rollout.Leadership;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is sent to an API server for a dry run of STRICT, and what its answers mean. */
final class ClusterDryRunsTest {

  private static final String COLLECTION =
      "/apis/security.istio.io/v1/namespaces/foo/authorizationpolicies";
  private static final String OBJECT = COLLECTION + "/mtls-migration-dry-run";
  private static final String DRY_RUN = COLLECTION + WRITE + "&dryRun=All";
  private static final String MARKER = "plan:foo:1:2";
  private static final String SPEC =
      "{'action': 'DENY', 'rules': [{'from': [{'source': {'notPrincipals': ['*']}}]}]}";
  private static final String ABSENT =
      status(
          404,
          "NotFound",
          "not found",
          "{'name': 'mtls-migration-dry-run', 'group': 'security.istio.io', 'kind':"
              + " 'authorizationpolicies'}");
  private static final DryRunPolicy POLICY = new DryRunPolicy("foo", Set.of());

  private final Api api = new Api();

  @AfterEach
  void stop() {
    api.close();
  }

  private static String object(String annotations, String spec) {
    return """
    {'apiVersion': 'security.istio.io/v1', 'kind': 'AuthorizationPolicy',
     'metadata': {'name': 'mtls-migration-dry-run', 'namespace': 'foo', 'uid': 'u',
       'resourceVersion': '7', 'annotations': {%s}},
     'spec': %s}\
    """
        .formatted(annotations, spec)
        .replace('\'', '"');
  }

  private static String annotated(String dryRun, String marker) {
    return "'istio.io/dry-run': '%s', 'mtls-migration.io/intent': '%s'".formatted(dryRun, marker);
  }

  private static final String AS_WRITTEN = object(annotated("true", MARKER), SPEC);

  private Placement place() {
    return api.dryRuns.place(POLICY, MARKER);
  }

  private List<String> sent() {
    return api.sent().stream()
        .map(request -> request.getMethod() + (request.getPath().contains("dryRun") ? "?" : ""))
        .toList();
  }

  private Api absent() {
    return api.answers("GET", OBJECT + READ, 404, ABSENT);
  }

  @Test
  void asksWhatWouldBeStoredThenStoresThenLooks() {
    absent()
        .answers("POST", DRY_RUN, 201, object(annotated("true", MARKER), withPorts()))
        .answers("POST", COLLECTION + WRITE, 201, object(annotated("true", MARKER), withPorts()))
        .answers("GET", OBJECT + READ, 200, object(annotated("true", MARKER), withPorts()));

    Placement placed = api.dryRuns.place(new DryRunPolicy("foo", Set.of(9090, 8080)), MARKER);

    assertEquals(new Placement.Placed(), placed);
    List<RecordedRequest> sent = api.sent();
    assertEquals(
        List.of("GET", "POST", "POST", "GET"),
        sent.stream().map(RecordedRequest::getMethod).toList());
    assertTrue(sent.get(1).getPath().endsWith("&dryRun=All"), sent.get(1).getPath());
    for (RecordedRequest post : sent.subList(1, 3)) {
      assertEquals(
          json(
              """
              {'apiVersion': 'security.istio.io/v1', 'kind': 'AuthorizationPolicy',
               'metadata': {'name': 'mtls-migration-dry-run', 'namespace': 'foo',
                 'annotations': {'istio.io/dry-run': 'true',
                   'mtls-migration.io/intent': 'plan:foo:1:2'}},
               'spec': {'action': 'DENY', 'rules': [{
                 'from': [{'source': {'notPrincipals': ['*']}}],
                 'to': [{'operation': {'notPorts': ['8080', '9090']}}]}]}}\
              """),
          json(post.getUtf8Body()));
    }
  }

  private static String withPorts() {
    return "{'action': 'DENY', 'rules': [{'from': [{'source': {'notPrincipals': ['*']}}],"
        + " 'to': [{'operation': {'notPorts': ['8080', '9090']}}]}]}";
  }

  static Stream<Arguments> alterations() {
    return Stream.of(
        argumentSet("stripped", object("'mtls-migration.io/intent': '" + MARKER + "'", SPEC)),
        argumentSet("false", object(annotated("false", MARKER), SPEC)),
        argumentSet("True", object(annotated("True", MARKER), SPEC)),
        argumentSet("with a blank", object(annotated("true ", MARKER), SPEC)),
        argumentSet("without annotations", object("", SPEC)),
        argumentSet(
            "for a smaller or larger set of clients",
            object(annotated("true", MARKER), "{'action': 'DENY', 'rules': [{}]}")),
        argumentSet("without the marker", object("'istio.io/dry-run': 'true'", SPEC)));
  }

  @ParameterizedTest
  @MethodSource("alterations")
  void storesNothingThatWouldBeAltered(String altered) {
    absent().answers("POST", DRY_RUN, 201, altered);

    var refused = assertInstanceOf(Placement.Refused.class, place());

    assertTrue(refused.detail().contains("mutating webhook"), refused.detail());
    assertEquals(List.of("GET", "POST?"), sent());
  }

  @ParameterizedTest
  @MethodSource("alterations")
  void deletesAtOnceWhatWasAlteredWhenItWasStored(String altered) {
    absent()
        .answers("POST", DRY_RUN, 201, AS_WRITTEN)
        .answers("POST", COLLECTION + WRITE, 201, altered)
        .answers("DELETE", OBJECT + READ, 200, "{\"kind\": \"Status\"}");

    var enforcing = assertInstanceOf(Placement.Enforcing.class, place());

    assertTrue(enforcing.detail().contains("deleted at once"), enforcing.detail());
    List<RecordedRequest> sent = api.sent();
    assertEquals(
        List.of("GET", "POST", "POST", "DELETE"),
        sent.stream().map(RecordedRequest::getMethod).toList());
    assertEquals(json("{'uid': 'u'}"), json(sent.get(3).getUtf8Body()).path("preconditions"));
  }

  @Test
  void deletesAtOnceWhatIsAlteredBeforeItIsReadBack() {
    absent()
        .answers("POST", DRY_RUN, 201, AS_WRITTEN)
        .answers("POST", COLLECTION + WRITE, 201, AS_WRITTEN)
        .answers("GET", OBJECT + READ, 200, object(annotated("false", MARKER), SPEC))
        .answers("DELETE", OBJECT + READ, 200, "{\"kind\": \"Status\"}");

    assertInstanceOf(Placement.Enforcing.class, place());

    assertEquals(List.of("GET", "POST?", "POST", "GET", "DELETE"), sent());
  }

  @Test
  void saysWhenWhatIsEnforcedCouldNotBeDeleted() {
    absent()
        .answers("POST", DRY_RUN, 201, AS_WRITTEN)
        .answers("POST", COLLECTION + WRITE, 201, object(annotated("", MARKER), SPEC))
        .answers("DELETE", OBJECT + READ, 403, status(403, "Forbidden", "no", "{}"));

    var enforcing = assertInstanceOf(Placement.Enforcing.class, place());

    assertTrue(enforcing.detail().contains("could not be deleted yet"), enforcing.detail());
  }

  @Test
  void findsWhatItHasPlacedBefore() {
    api.answers("GET", OBJECT + READ, 200, AS_WRITTEN);

    assertInstanceOf(Placement.Found.class, place());

    assertEquals(List.of("GET"), sent());
  }

  @Test
  void deletesWhatItHasPlacedBeforeAndSomebodyHasAlteredSince() {
    api.answers("GET", OBJECT + READ, 200, object(annotated("false", MARKER), SPEC))
        .answers("DELETE", OBJECT + READ, 200, "{\"kind\": \"Status\"}");

    assertInstanceOf(Placement.Enforcing.class, place());

    assertEquals(List.of("GET", "DELETE"), sent());
  }

  @Test
  void leavesWhatIsSomebodyElsesAlone() {
    api.answers("GET", OBJECT + READ, 200, object(annotated("false", "other:foo:1:2"), SPEC));

    var refused = assertInstanceOf(Placement.Refused.class, place());

    assertTrue(refused.detail().contains("not this plan's"), refused.detail());
    assertEquals(List.of("GET"), sent());
  }

  @Test
  void storesNothingWhenItHasCeasedToLead() {
    absent().answers("POST", DRY_RUN, 201, AS_WRITTEN);
    api.lease.leads = () -> false;

    assertInstanceOf(Placement.Unknown.class, place());

    assertEquals(List.of("GET", "POST?"), sent());
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        argumentSet(
            "no permission",
            403,
            status(403, "Forbidden", "cannot create resource \"authorizationpolicies\"", "{}"),
            Placement.Refused.class,
            "verb create on authorizationpolicies.security.istio.io"),
        argumentSet(
            "no such namespace",
            404,
            status(404, "NotFound", "no", "{'name': 'foo', 'kind': 'namespaces'}"),
            Placement.Refused.class,
            "namespace foo does not exist"),
        argumentSet(
            "a webhook's no",
            400,
            status(400, "", "admission webhook \"v\" denied the request: no", "{}"),
            Placement.Refused.class,
            "denied the request"),
        argumentSet(
            "a webhook that is down",
            500,
            status(500, "InternalError", "failed calling webhook \"v\": refused", "{}"),
            Placement.Unknown.class,
            "nothing was stored"),
        argumentSet(
            "somebody was faster",
            409,
            status(409, "AlreadyExists", "exists", "{}"),
            Placement.Unknown.class,
            "exists"),
        argumentSet("too much to do", 429, "slow down", Placement.Unknown.class, "too much to do"),
        argumentSet("a broken server", 500, "oops", Placement.Unknown.class, "oops"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void tellsNoFromNobodyKnows(
      int code, String body, Class<? extends Placement> kind, String words) {
    absent().answers("POST", DRY_RUN, 201, AS_WRITTEN);
    api.answers("POST", COLLECTION + WRITE, code, body);

    Placement told = assertInstanceOf(kind, place());

    assertTrue(told.toString().contains(words), told.toString());
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void storesNothingThatAJudgementRefuses(
      int code, String body, Class<? extends Placement> kind, String words) {
    absent().answers("POST", DRY_RUN, code, body);

    Placement told = assertInstanceOf(kind, place());

    assertTrue(told.toString().contains(words), told.toString());
    assertEquals(List.of("GET", "POST?"), sent());
  }

  @Test
  void doesNotTakeSilenceForAnAnswer() {
    try (SilentServer silent = SilentServer.start()) {
      ClusterDryRuns dryRuns =
          new ClusterDryRuns(silent.client(), Leadership.ALONE, Duration.ofSeconds(1));

      assertInstanceOf(Placement.Unknown.class, dryRuns.place(POLICY, MARKER));
      assertInstanceOf(Removal.Failed.class, dryRuns.remove("foo", "plan:foo:"));
    }
  }

  private Removal remove() {
    return api.dryRuns.remove("foo", "plan:foo:");
  }

  @Test
  void removesItsOwnAndSeesThatItIsGone() {
    api.answers("GET", OBJECT + READ, 200, object(annotated("false", MARKER), "{}"))
        .answers("DELETE", OBJECT + READ, 200, "{\"kind\": \"Status\"}")
        .answers("GET", OBJECT + READ, 404, ABSENT);

    assertEquals(new Removal.Gone(), remove());

    List<RecordedRequest> sent = api.sent();
    assertEquals(
        List.of("GET", "DELETE", "GET"), sent.stream().map(RecordedRequest::getMethod).toList());
    assertEquals(json("{'uid': 'u'}"), json(sent.get(1).getUtf8Body()).path("preconditions"));
  }

  static Stream<Arguments> others() {
    return Stream.of(
        argumentSet("another plan's", annotated("true", "other:foo:1:2")),
        argumentSet("another namespace's", annotated("true", "plan:foobar:1:2")),
        argumentSet("a person's", ""));
  }

  @ParameterizedTest
  @MethodSource("others")
  void removesNobodyElses(String annotations) {
    api.answers("GET", OBJECT + READ, 200, object(annotations, SPEC));

    assertEquals(new Removal.Gone(), remove());

    assertEquals(List.of("GET"), sent());
  }

  @Test
  void hasNothingToRemoveWhereNothingIs() {
    absent();

    assertEquals(new Removal.Gone(), remove());
  }

  @Test
  void isNotContentWithAPolicyThatAFinalizerHolds() {
    String held = AS_WRITTEN.replace("\"uid\": \"u\"", "\"uid\": \"u\", \"finalizers\": [\"a/b\"]");
    api.answers("GET", OBJECT + READ, 200, held)
        .answers("DELETE", OBJECT + READ, 200, held)
        .answers("GET", OBJECT + READ, 200, held);

    var failed = assertInstanceOf(Removal.Failed.class, remove());

    assertTrue(failed.detail().contains("a/b"), failed.detail());
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        argumentSet("no permission", 403, status(403, "Forbidden", "cannot get resource", "{}")),
        argumentSet("another object", 409, status(409, "Conflict", "uid", "{}")),
        argumentSet("not served", 404, "404 page not found"),
        argumentSet("a broken server", 500, "oops"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void doesNotTakeARefusedReadForAbsence(int code, String body) {
    api.answers("GET", OBJECT + READ, code, body);

    assertInstanceOf(Removal.Failed.class, remove());
  }

  @ParameterizedTest
  @MethodSource("failures")
  void doesNotTakeARefusedDeleteForAbsence(int code, String body) {
    api.answers("GET", OBJECT + READ, 200, AS_WRITTEN).answers("DELETE", OBJECT + READ, code, body);

    assertInstanceOf(Removal.Failed.class, remove());
  }

  @Test
  void isNotPlacedWhileTheOldOneIsBeingDeleted() {
    api.answers(
        "GET",
        OBJECT + READ,
        200,
        AS_WRITTEN.replace(
            "\"uid\": \"u\"", "\"uid\": \"u\", \"deletionTimestamp\": \"2026-01-01T00:00:00Z\""));

    assertInstanceOf(Placement.Unknown.class, place());
  }
}
