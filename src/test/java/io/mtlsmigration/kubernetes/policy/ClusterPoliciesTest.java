// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import static io.mtlsmigration.kubernetes.policy.Api.COLLECTION;
import static io.mtlsmigration.kubernetes.policy.Api.EVERYWHERE;
import static io.mtlsmigration.kubernetes.policy.Api.LIST;
import static io.mtlsmigration.kubernetes.policy.Api.OBJECT;
import static io.mtlsmigration.kubernetes.policy.Api.READ;
import static io.mtlsmigration.kubernetes.policy.Api.REF;
import static io.mtlsmigration.kubernetes.policy.Api.WRITE;
import static io.mtlsmigration.kubernetes.policy.Api.json;
import static io.mtlsmigration.kubernetes.policy.Api.owner;
import static io.mtlsmigration.kubernetes.policy.Api.policy;
import static io.mtlsmigration.kubernetes.policy.Api.status;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static io.mtlsmigration.mesh.MtlsMode.UNSET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.PolicyWriter.PolicyReadException;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteResult;
import io.mtlsmigration.rollout.WriteResult.Applied;
import io.mtlsmigration.rollout.WriteResult.Conflict;
import io.mtlsmigration.rollout.WriteResult.OwnedByOther;
import io.mtlsmigration.rollout.WriteResult.Refused;
import io.mtlsmigration.rollout.WriteResult.Unknown;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is sent to an API server, and what its answers mean. */
final class ClusterPoliciesTest {

  private static final Spec OPEN = Spec.of(PERMISSIVE);
  private static final Spec LOCKED = Spec.of(STRICT);
  private static final String OPEN_JSON = "{'mtls': {'mode': 'PERMISSIVE'}}";
  private static final String LOCKED_JSON = "{'mtls': {'mode': 'STRICT'}}";
  private static final String MODE = "{'f:mtls': {'f:mode': {}}}";
  private static final String ABOUT_POLICY =
      "{'name': 'default', 'group': 'security.istio.io', 'kind': 'peerauthentications'}";

  private final Api api = new Api();

  @AfterEach
  void stop() {
    api.close();
  }

  private static <T extends WriteResult> T expect(Class<T> type, WriteResult result) {
    return assertInstanceOf(type, result);
  }

  @Test
  void createsWithMarkerAndNothingThatTheAuthorDoesNotDecide() {
    api.answers("POST", COLLECTION + WRITE, 201, policy(LOCKED_JSON));

    var applied = expect(Applied.class, api.policies.apply(Api.create(LOCKED), false));

    assertEquals(LOCKED, applied.policy().spec());
    assertEquals(
        json(
            """
            {'apiVersion': 'security.istio.io/v1', 'kind': 'PeerAuthentication',
             'metadata': {'name': 'default', 'namespace': 'foo',
               'annotations': {'mtls-migration.io/intent': 'plan:foo:1'}},
             'spec': {'mtls': {'mode': 'STRICT'}}}\
            """),
        api.lastBody());
    assertEquals(1, api.requests());
  }

  @Test
  void changesOnlyWhatDiffersUnderUidAndVersion() {
    api.holds(policy("{'mtls': {'mode': 'PERMISSIVE'}, 'selector': {'matchLabels': {'a': 'b'}}}"))
        .answers("PATCH", OBJECT + WRITE, 200, policy(LOCKED_JSON));
    Spec before = new Spec(Map.of("a", "b"), PERMISSIVE, Map.of());

    var applied =
        expect(
            Applied.class, api.policies.apply(Api.change(before, before.withMode(STRICT)), false));

    assertEquals("7", applied.policy().meta().resourceVersion());
    assertEquals(
        json(
            "{'metadata': {'uid': 'u', 'resourceVersion': '7'}, 'spec': {'mtls': {'mode':"
                + " 'STRICT'}}}"),
        api.lastBody());
  }

  /** The object was read for as long as it took to lose the lease. */
  @Test
  void sendsNothingOnceAnotherReplicaLeads() {
    api.holds(policy("{'mtls': {'mode': 'PERMISSIVE'}}"));
    api.lease.leads = () -> false;
    Spec before = new Spec(Map.of(), PERMISSIVE, Map.of());

    expect(
        WriteResult.Unknown.class,
        api.policies.apply(Api.change(before, before.withMode(STRICT)), false));
    assertEquals(1, api.requests());
  }

  @Test
  void deletesOnlyThatObjectAtThatVersion() {
    api.holds(policy(OPEN_JSON)).answers("DELETE", OBJECT + READ, 200, "{\"kind\": \"Status\"}");

    var applied = expect(Applied.class, api.policies.apply(Api.change(OPEN, null), false));

    assertNull(applied.policy());
    assertEquals(
        json("{'uid': 'u', 'resourceVersion': '7'}"), api.lastBody().path("preconditions"));
    assertTrue(api.lastBody().path("dryRun").isMissingNode());
  }

  static Stream<Arguments> dryRuns() {
    return Stream.of(
        argumentSet("create", "POST", COLLECTION + WRITE + "&dryRun=All", Api.create(LOCKED)),
        argumentSet("update", "PATCH", OBJECT + WRITE + "&dryRun=All", Api.change(OPEN, LOCKED)),
        argumentSet("delete", "DELETE", OBJECT + READ, Api.change(OPEN, null)));
  }

  @ParameterizedTest
  @MethodSource("dryRuns")
  void asksForAJudgementOnly(String method, String path, WriteIntent intent) {
    api.holds(policy(OPEN_JSON)).answers(method, path, 200, policy(LOCKED_JSON));

    expect(Applied.class, api.policies.dryRun(intent, false));

    assertEquals(
        method.equals("DELETE") ? json("['All']") : json("''").path(0),
        api.lastBody().path("dryRun"));
  }

  @Test
  void holdsADryRunThatWouldStoreSomethingElse() {
    api.holds(policy(OPEN_JSON))
        .answers("PATCH", OBJECT + WRITE + "&dryRun=All", 200, policy(OPEN_JSON));

    var refused = expect(Refused.class, api.policies.dryRun(Api.change(OPEN, LOCKED), false));

    assertTrue(refused.detail().contains("mutating"), refused.detail());
  }

  static Stream<Arguments> outdated() {
    return Stream.of(
        argumentSet("another version", Api.intent(OPEN, LOCKED, "u", "6")),
        argumentSet("another object of the name", Api.intent(OPEN, LOCKED, "t", "7")),
        argumentSet("no version at all", Api.intent(OPEN, LOCKED, "", "")),
        argumentSet("a delete of another version", Api.intent(OPEN, null, "u", "6")));
  }

  @ParameterizedTest
  @MethodSource("outdated")
  void sendsNothingThatWasDecidedOnSomethingElse(WriteIntent intent) {
    api.holds(policy(OPEN_JSON));

    expect(Conflict.class, api.policies.apply(intent, true));

    assertEquals(1, api.requests());
  }

  static Stream<Arguments> owners() {
    String own = owner("mtls-migration", "Update", MODE);
    return Stream.of(
        argumentSet("nobody", false, null, List.of()),
        argumentSet("ourselves", false, null, List.of(own)),
        argumentSet("kubectl apply", false, "kubectl-client-side-apply", kubectl("Update")),
        argumentSet("kubectl apply, adopted", true, null, kubectl("Update")),
        argumentSet(
            "kubectl apply --server-side",
            false,
            "kubectl",
            List.of(owner("kubectl", "Apply", MODE))),
        argumentSet(
            "kubectl apply --server-side, adopted",
            true,
            null,
            List.of(owner("kubectl", "Apply", MODE))),
        argumentSet(
            "a person who shares it with us",
            false,
            "kubectl",
            List.of(own, owner("kubectl", "Apply", MODE))),
        argumentSet(
            "Argo CD",
            true,
            "argocd-controller",
            List.of(owner("argocd-controller", "Apply", MODE))),
        argumentSet("Helm", true, "helm", List.of(owner("helm", "Update", MODE))),
        argumentSet("somebody without a name", true, "", List.of(owner("", "Update", MODE))),
        argumentSet(
            "a person whose mode we took: the structure is left",
            false,
            null,
            List.of(own, owner("kubectl-edit", "Update", "{'.': {}, 'f:mtls': {}}"))),
        argumentSet(
            "a controller of another field",
            false,
            null,
            List.of(owner("argocd-controller", "Apply", "{'f:selector': {'f:matchLabels': {}}}"))),
        argumentSet(
            "a person and a controller",
            true,
            "argocd-controller",
            List.of(owner("kubectl", "Apply", MODE), owner("argocd-controller", "Apply", MODE))));
  }

  private static List<String> kubectl(String operation) {
    return List.of(
        owner(
            "kubectl-client-side-apply",
            operation,
            "{'.': {}, 'f:mtls': {'.': {}, 'f:mode': {}}}"));
  }

  @ParameterizedTest
  @MethodSource("owners")
  void takesTheModeFromNobodyElse(boolean adopt, String manager, List<String> managedFields) {
    api.holds(policy(OPEN_JSON, managedFields.toArray(String[]::new)))
        .answers("PATCH", OBJECT + WRITE, 200, policy(LOCKED_JSON));

    WriteResult result = api.policies.apply(Api.change(OPEN, LOCKED), adopt);

    if (manager == null) {
      expect(Applied.class, result);
    } else {
      var owned = expect(OwnedByOther.class, result);
      assertEquals(manager, owned.manager());
      assertTrue(owned.detail().contains(".spec.mtls.mode"), owned.detail());
      assertEquals(1, api.requests());
    }
  }

  @Test
  void ignoresOwnersOfSubresources() {
    String status =
        owner("pilot", "Update", MODE)
            .replace("'fieldsType'", "'subresource': 'status', 'fieldsType'");
    api.holds(policy(OPEN_JSON, status)).answers("PATCH", OBJECT + WRITE, 200, policy(LOCKED_JSON));

    expect(Applied.class, api.policies.apply(Api.change(OPEN, LOCKED), false));
  }

  static Stream<Arguments> unset() {
    return Stream.of(
        argumentSet(
            "somebody's empty mtls is left to them",
            owner("kubectl", "Update", "{'f:mtls': {}}"),
            "{'mode': null}"),
        argumentSet("our own goes", owner("mtls-migration", "Update", MODE), "null"));
  }

  @ParameterizedTest
  @MethodSource("unset")
  void givesBackWhatSaidNothing(String owner, String mtls) {
    api.holds(policy(LOCKED_JSON, owner, owner("mtls-migration", "Update", MODE)))
        .answers("PATCH", OBJECT + WRITE, 200, policy("{'mtls': {}}"));

    expect(
        Applied.class,
        api.policies.apply(Api.change(LOCKED, new Spec(Map.of(), UNSET, Map.of())), false));

    assertEquals(json(mtls), api.lastBody().at("/spec/mtls"));
  }

  static Stream<Arguments> ports() {
    String eighty = "{'f:portLevelMtls': {'f:80': {'.': {}, 'f:mode': {}}}}";
    Map<Integer, MtlsMode> both = Map.of(80, PERMISSIVE, 90, PERMISSIVE);
    return Stream.of(
        argumentSet("a new port is nobody's", both, owner("argocd", "Apply", eighty), null),
        argumentSet(
            "a person's port, adopted or not",
            Map.of(80, STRICT),
            owner("kubectl", "Apply", eighty),
            "kubectl"),
        argumentSet("a person's port goes", Map.of(), owner("kubectl", "Apply", eighty), "kubectl"),
        argumentSet("our own port", Map.of(), owner("mtls-migration", "Update", eighty), null),
        argumentSet(
            "our own port in a person's policy",
            Map.of(),
            owner("kubectl", "Apply", "{'f:selector': {}, 'f:portLevelMtls': {'f:90': {}}}"),
            null));
  }

  @ParameterizedTest
  @MethodSource("ports")
  void takesNoPortFromAnybodyElse(Map<Integer, MtlsMode> after, String owner, String manager) {
    String spec =
        "{'selector': {'matchLabels': {'a': 'b'}}, 'portLevelMtls': {'80': {'mode':"
            + " 'PERMISSIVE'}}}";
    Spec before = new Spec(Map.of("a", "b"), UNSET, Map.of(80, PERMISSIVE));
    api.holds(policy(spec, owner)).answers("PATCH", OBJECT + WRITE, 200, policy(LOCKED_JSON));

    WriteResult result =
        api.policies.apply(Api.change(before, new Spec(before.selector(), UNSET, after)), true);

    if (manager == null) {
      expect(Applied.class, result);
    } else {
      assertEquals(manager, expect(OwnedByOther.class, result).manager());
    }
  }

  @Test
  void deletesNothingThatAControllerHasAPartIn() {
    api.holds(
        policy(
            LOCKED_JSON,
            owner("mtls-migration", "Update", MODE),
            owner("argocd-controller", "Apply", MODE)));

    var owned = expect(OwnedByOther.class, api.policies.apply(Api.change(LOCKED, null), true));

    assertEquals("argocd-controller", owned.manager());
  }

  static Stream<Arguments> verdicts() {
    String conflict = "the object has been modified; please apply your changes";
    return Stream.of(
        verdict("exists already", 409, "AlreadyExists", "exists", ABOUT_POLICY, Conflict.class, ""),
        verdict("was modified", 409, "Conflict", conflict, "{}", Conflict.class, "modified"),
        verdict("precondition", 412, "Conflict", conflict, "{}", Conflict.class, "modified"),
        verdict("is gone", 404, "NotFound", "not found", ABOUT_POLICY, Conflict.class, "gone"),
        verdict(
            "created anew in between",
            422,
            "Invalid",
            "field is immutable",
            "{'causes': [{'reason': 'FieldValueInvalid', 'field': 'metadata.uid'}]}",
            Conflict.class,
            "created anew"),
        verdict(
            "no such namespace",
            404,
            "NotFound",
            "namespaces foo not found",
            "{'name': 'foo', 'kind': 'namespaces'}",
            Refused.class,
            "namespace foo does not exist"),
        verdict("invalid", 422, "Invalid", "mode: Unsupported value", "{}", Refused.class, "mode"),
        verdict("malformed", 400, "BadRequest", "unknown field", "{}", Refused.class, "unknown"),
        verdict(
            "a webhook says no",
            400,
            "",
            "admission webhook \"rev.validation.istio.io\" denied the request: bad",
            "{}",
            Refused.class,
            "bad"),
        verdict(
            "a webhook says no with a code of its own",
            500,
            "",
            "admission webhook \"x\" denied the request: bad",
            "{}",
            Refused.class,
            "bad"),
        verdict(
            "a webhook does not answer",
            500,
            "InternalError",
            "Internal error occurred: failed calling webhook \"rev.validation.istio.io\": EOF",
            "{}",
            Refused.class,
            "nothing was stored"),
        verdict(
            "not allowed to",
            403,
            "Forbidden",
            "User \"sa\" cannot patch resource \"peerauthentications\" in API group",
            "{}",
            Refused.class,
            "the verb patch on peerauthentications.security.istio.io in namespace foo"),
        verdict(
            "namespace on its way out",
            403,
            "Forbidden",
            "unable to create new content",
            "{'causes': [{'reason': 'NamespaceTerminating', 'field': 'metadata.namespace'}]}",
            Refused.class,
            "namespace foo is being terminated"),
        verdict("over a quota", 403, "Forbidden", "exceeded quota", "{}", Refused.class, "quota"),
        verdict("unknown caller", 401, "Unauthorized", "no", "{}", Refused.class, "credentials"),
        verdict("busy", 429, "TooManyRequests", "later", "{}", Unknown.class, "too much"),
        verdict("etcd", 500, "InternalError", "etcdserver: timed out", "{}", Unknown.class, "etcd"),
        verdict("gives up", 504, "Timeout", "did not complete", "{}", Unknown.class, "complete"),
        verdict("not there", 503, "ServiceUnavailable", "", "{}", Unknown.class, "503"));
  }

  private static Arguments verdict(
      String name,
      int code,
      String reason,
      String message,
      String details,
      Class<? extends WriteResult> type,
      String words) {
    return argumentSet(name, code, status(code, reason, message, details), type, words);
  }

  @ParameterizedTest
  @MethodSource("verdicts")
  void knowsWhatARefusalMeans(
      int code, String body, Class<? extends WriteResult> type, String words) {
    api.holds(policy(OPEN_JSON)).answers("PATCH", OBJECT + WRITE, code, body);

    WriteResult result = expect(type, api.policies.apply(Api.change(OPEN, LOCKED), true));

    assertTrue(result.toString().contains(words), result.toString());
    assertEquals(2, api.requests());
  }

  @ParameterizedTest
  @MethodSource("verdicts")
  void meansTheSameForACreate(
      int code, String body, Class<? extends WriteResult> type, String words) {
    api.answers("POST", COLLECTION + WRITE, code, body);

    WriteResult result = expect(type, api.policies.apply(Api.create(LOCKED), true));

    assertTrue(result.toString().contains(words), result.toString());
    assertEquals(1, api.requests());
  }

  @Test
  void namesTheMissingKind() {
    api.answers("POST", COLLECTION + WRITE, 404, "404 page not found");

    var refused = expect(Refused.class, api.policies.apply(Api.create(LOCKED), false));

    assertTrue(refused.detail().contains("install Istio's CRDs"), refused.detail());
  }

  @Test
  void knowsNotWhatBecameOfAWriteWithoutAnswer() {
    api.stop();

    var unknown = expect(Unknown.class, api.policies.apply(Api.create(LOCKED), false));

    assertTrue(unknown.detail().contains("connection"), unknown.detail());
  }

  @Test
  void knowsNothingOfAWriteWhileTheProcessStops() {
    api.client.close();

    var unknown = expect(Unknown.class, api.policies.apply(Api.create(LOCKED), false));

    assertTrue(unknown.detail().contains("nothing could be sent"), unknown.detail());
  }

  @Test
  void changesNothingThatItCannotRead() {
    api.holds(policy("{'mtls': {'mode': 'FUTURE'}}"));

    var refused = expect(Refused.class, api.policies.apply(Api.change(OPEN, LOCKED), true));

    assertTrue(refused.detail().contains("/spec/mtls/mode"), refused.detail());
    assertEquals(1, api.requests());
  }

  @Test
  void knowsNotWhatWasStoredWhenItCannotReadIt() {
    api.answers("POST", COLLECTION + WRITE, 201, policy("{'mtls': {'mode': 'FUTURE'}}"));

    expect(Unknown.class, api.policies.apply(Api.create(LOCKED), false));
  }

  @Test
  void readsWhatIsThere() {
    api.holds(policy(OPEN_JSON, owner("kubectl", "Apply", MODE)));

    var read = api.policies.read(REF).orElseThrow();

    assertEquals(OPEN, read.spec());
    assertEquals("kubectl", read.meta().owners().getFirst().manager());
  }

  @Test
  void readsThatNothingIsThere() {
    api.answers("GET", OBJECT + READ, 404, status(404, "NotFound", "not found", ABOUT_POLICY));

    assertEquals(Optional.empty(), api.policies.read(REF));
  }

  static Stream<Arguments> unread() {
    return Stream.of(
        argumentSet("no such kind", 404, "404 page not found", "install Istio's CRDs"),
        argumentSet(
            "not allowed to",
            403,
            status(403, "Forbidden", "cannot get resource", "{}"),
            "the verb get"),
        argumentSet("a page of some proxy", 502, "<html>Bad gateway</html>", "Bad gateway"),
        argumentSet("half an object", 200, "{\"kind\": ", "cut off"),
        argumentSet(
            "not to be understood",
            200,
            policy("{'mtls': {'mode': 'FUTURE'}}"),
            "/spec/mtls/mode"));
  }

  @ParameterizedTest
  @MethodSource("unread")
  void neverTakesSilenceForAbsence(int code, String body, String words) {
    api.answers("GET", OBJECT + READ, code, body);

    var e = assertThrows(PolicyReadException.class, () -> api.policies.read(REF));

    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Test
  void tellsVersionsOfAllPoliciesOfANamespace() {
    api.answers(
        "GET",
        COLLECTION + LIST,
        200,
        json("""
        {'items': [{'metadata': {'name': 'default', 'uid': 'u-1', 'resourceVersion': '7'}}]}\
        """)
            .toString());
    assertEquals(Map.of(REF, "u-1 7"), api.policies.versions("foo"));
  }

  @Test
  void tellsVersionsOfAllPoliciesOfAllNamespacesByOneList() {
    api.answers(
        "GET",
        EVERYWHERE + LIST,
        200,
        json("""
                {'items': [
                  {'metadata': {'namespace': 'foo', 'name': 'default', 'uid': 'u-1', 'resourceVersion': '7'}},
                  {'metadata': {'namespace': 'bar', 'name': 'default', 'uid': 'u-2', 'resourceVersion': '8'}}]}""")
            .toString());

    assertEquals(
        Map.of(REF, "u-1 7", ObjectRef.peerAuthentication("bar", "default"), "u-2 8"),
        api.policies.versions());
    assertEquals(1, api.requests());
  }

  /** Whoever may write policies in one namespace chooses how many there are, and their names. */
  @Test
  void tellsVersionsWhateverThePoliciesOfOneNamespaceAreLike() {
    String one =
        """
        {'metadata': {'continue': 'a/b'}, 'items': [
          {'metadata': {'namespace': 'evil', 'name': 'one', 'uid': 'u-1', 'resourceVersion': '7'},
           'spec': {'selector': {'matchLabels': {'%s': 'a'}}}}]}"""
            .formatted("x".repeat(100_000));
    String two =
        """
        {'metadata': {}, 'items': [
          {'metadata': {'namespace': 'foo', 'name': 'default', 'uid': 'u-2', 'resourceVersion': '8'}}]}""";
    api.answers("GET", EVERYWHERE + LIST, 200, one.replace('\'', '"'))
        .answers("GET", EVERYWHERE + LIST + "&continue=a%2Fb", 200, two.replace('\'', '"'));

    assertEquals(
        Map.of(ObjectRef.peerAuthentication("evil", "one"), "u-1 7", REF, "u-2 8"),
        api.policies.versions());
  }

  @Test
  void takesNoOtherAnswerForAListWithoutPolicies() {
    api.answers("GET", EVERYWHERE + LIST, 200, "{}");

    assertThrows(PolicyReadException.class, () -> api.policies.versions());
  }

  @Test
  void takesNoOtherAnswerForANamespacesListWithoutPolicies() {
    api.answers("GET", COLLECTION + LIST, 200, "{}");

    assertThrows(PolicyReadException.class, () -> api.policies.versions("foo"));
  }

  @Test
  void asksForANamespaceByTheVerbThatWatchesIt() {
    String one = "/api/v1/namespaces?timeout=1s&fieldSelector=metadata.name%3Dfoo";
    api.answers("GET", one, 200, json("{'items': [{'metadata': {'uid': 'u-1'}}]}").toString());
    assertEquals("u-1", api.policies.namespaceUid("foo"));
  }

  @Test
  void knowsThatANamespaceIsGoneOnlyWhenItIsTold() {
    String one = "/api/v1/namespaces?timeout=1s&fieldSelector=metadata.name%3Dfoo";
    api.answers("GET", one, 200, json("{'items': []}").toString());
    assertEquals("", api.policies.namespaceUid("foo"));

    api.answers("GET", one, 502, "<html>Bad gateway</html>");
    assertThrows(PolicyReadException.class, () -> api.policies.namespaceUid("foo"));
  }

  @Test
  void waitsNoLongerThanItsTime() {
    try (SilentServer silent = SilentServer.start()) {
      var policies =
          new ClusterPolicies(
              silent.client(), List.of("kubectl"), Leadership.ALONE, Duration.ofSeconds(1));

      WriteResult result =
          assertTimeoutPreemptively(
              Duration.ofSeconds(10), () -> policies.apply(Api.create(LOCKED), false));

      expect(Unknown.class, result);
      assertEquals(1, silent.connections());
    }
  }
}
