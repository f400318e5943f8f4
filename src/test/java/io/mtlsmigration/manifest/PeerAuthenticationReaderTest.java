// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Unreadable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PeerAuthenticationReaderTest {

  @Test
  void readsWhatDecides() {
    String manifests =
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata:
          name: httpbin
          namespace: foo
          uid: u
          resourceVersion: "17"
          creationTimestamp: "2026-01-02T03:04:05Z"
          labels: {team: a}
          annotations: {argocd.argoproj.io/tracking-id: x}
        spec:
          selector: {matchLabels: {app: httpbin}}
          mtls: {mode: STRICT}
          portLevelMtls: {9090: {mode: PERMISSIVE}, "9091": {mode: DISABLE}, 9092: {}}
        status: {conditions: []}
        """;

    PeerAuthentication policy = only(Given.dump(manifests));

    assertEquals(
        new PeerAuthentication.Spec(
            Map.of("app", "httpbin"),
            MtlsMode.STRICT,
            Map.of(9090, MtlsMode.PERMISSIVE, 9091, MtlsMode.DISABLE, 9092, MtlsMode.UNSET)),
        policy.spec());
    assertEquals(ObjectRef.peerAuthentication("foo", "httpbin"), policy.ref());
    assertEquals("17", policy.meta().resourceVersion());
    assertEquals("u", policy.meta().uid());
    assertEquals(Instant.parse("2026-01-02T03:04:05Z"), policy.meta().createdAt());
    assertEquals(Map.of("team", "a"), policy.meta().labels());
    assertEquals(Map.of("argocd.argoproj.io/tracking-id", "x"), policy.meta().annotations());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{}",
        "{mtls: {}}",
        "{mtls: null}",
        "{mtls: {mode: UNSET}}",
        "{mtls: {mode: null}}",
        "{selector: {}}",
        "{selector: {matchLabels: {}}}",
        "{portLevelMtls: {}}"
      })
  void takesAbsentForUnset(String spec) {
    PeerAuthentication policy = only(Given.dump(policy(spec)));

    assertEquals(PeerAuthentication.Spec.of(MtlsMode.UNSET), policy.spec());
  }

  @Test
  void readsPortsWithoutASelectorForAHazardToTell() {
    PeerAuthentication policy = only(Given.dump(policy("{portLevelMtls: {80: {mode: STRICT}}}")));

    assertEquals(Map.of(80, MtlsMode.STRICT), policy.spec().portModes());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {mtls: {mode: STRICTT}}  | /spec/mtls/mode | 'STRICTT' is none of [UNSET, DISABLE, PERMISSIVE, STRICT]
          {mtls: {mode: strict}}   | /spec/mtls/mode | 'strict' is none of [UNSET, DISABLE, PERMISSIVE, STRICT]
          {mtls: {mode: ""}}       | /spec/mtls/mode | '' is none of [UNSET, DISABLE, PERMISSIVE, STRICT]
          {mtls: {mode: 3}}        | /spec/mtls/mode | must be a string, but is a number: put it in quotes
          {mtls: STRICT}           | /spec/mtls | must be an object, but is a string
          {mtls: {Mode: STRICT}}   | /spec/mtls/Mode | is not a field here
          {mTLS: {mode: STRICT}}   | /spec/mTLS | is not a field here
          {selector: {app: a}}     | /spec/selector/app | is not a field here
          {selector: {matchLabels: {app: 1}}} | /spec/selector/matchLabels/app | must be a string, but is a number: put it in quotes
          {selector: {matchLabels: {app: "a*"}}} | /spec/selector/matchLabels/app | a label must have a key, and no wildcard
          {selector: {matchLabels: {"": a}}} | /spec/selector/matchLabels/ | a label must have a key, and no wildcard
          {portLevelMtls: {0: {mode: STRICT}}} | /spec/portLevelMtls/0 | the key must be a port from 1 to 65535
          {portLevelMtls: {65536: {mode: STRICT}}} | /spec/portLevelMtls/65536 | the key must be a port from 1 to 65535
          {portLevelMtls: {99999999999: {mode: STRICT}}} | /spec/portLevelMtls/99999999999 | the key must be a port from 1 to 65535
          {portLevelMtls: {http: {mode: STRICT}}} | /spec/portLevelMtls/http | the key must be a port from 1 to 65535
          {portLevelMtls: {"80/tcp": {}}} | /spec/portLevelMtls/80~1tcp | the key must be a port from 1 to 65535
          {portLevelMtls: {"80": {}, "080": {}}} | /spec/portLevelMtls/080 | the port is given twice
          {portLevelMtls: {80: STRICT}} | /spec/portLevelMtls/80 | must be an object, but is a string
          {portLevelMtls: [80]} | /spec/portLevelMtls | must be an object, but is a list
          [] | /spec | must be an object, but is a list
          """)
  void keepsWhatTheSchemaForbidsAsUnreadable(String spec, String field, String reason) {
    Facts facts = Given.dump(policy(spec));

    NamespaceFacts namespace = Given.namespace(facts, "foo");
    assertEquals(
        List.of(new Unreadable(ObjectRef.peerAuthentication("foo", "default"), field, reason)),
        namespace.unreadable());
    assertEquals(List.of(), namespace.peerAuthentications());
  }

  /** In the other revisions' part of the mesh there is no such policy. */
  @Test
  void keepsWhatOnlyOneRevisionHeedsAsUnreadable() {
    Facts facts =
        Given.dump(
            policy("{mtls: {mode: PERMISSIVE}}")
                .replace("metadata: {", "metadata: {labels: {istio.io/rev: canary}, "));

    NamespaceFacts namespace = Given.namespace(facts, "foo");
    assertEquals(
        List.of("/metadata/labels/istio.io~1rev"),
        namespace.unreadable().stream().map(Unreadable::field).toList());
    assertEquals(List.of(), namespace.peerAuthentications());
  }

  @ParameterizedTest
  @CsvSource({"v1, 0", "v1beta1, 0", "v1alpha1, 1", "v2, 1"})
  void knowsItsVersions(String version, int unreadable) {
    Facts facts = Given.dump(policy("{}").replace("io/v1", "io/" + version));

    assertEquals(unreadable, Given.namespace(facts, "foo").unreadable().size());
  }

  @Test
  void placesAProblemInItsSource() {
    String manifests = "# first\n---\nkind: List\nitems:\n- " + policy("{mtls: 1}");

    ManifestProblem problem = Given.dump(manifests).problems().get(0);

    assertEquals(
        "test.yaml:5: document 1, /items/0/spec/mtls: PeerAuthentication foo/default: "
            + "must be an object, but is a number",
        problem.toString());
  }

  @Test
  void readsWhoManagesTheMode() {
    String manifests =
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata:
          name: default
          namespace: foo
          managedFields:
          - {manager: argocd, operation: Apply, fieldsV1: {"f:spec": {"f:mtls": {"f:mode": {}}}}}
          - {manager: kubectl, fieldsV1: {"f:spec": {"f:selector": {}, "f:mtls": {".": {}}}}}
          - {manager: istiod, subresource: status, fieldsV1: {"f:status": {"f:conditions": {}}}}
          - {manager: whole, fieldsV1: {"f:spec": {}}}
          - {manager: istiod, fieldsV1: {"f:spec": {"f:portLevelMtls": {}}}}
          - {manager: none}
        """;

    PeerAuthentication policy = only(Given.dump(manifests));

    assertEquals(
        List.of(
            new FieldOwner("argocd", true, true),
            new FieldOwner("kubectl", true, false),
            new FieldOwner("istiod", true, false),
            new FieldOwner("whole", true, true),
            new FieldOwner("none", false, false)),
        policy.meta().owners());
  }

  @Test
  void leavesOtherGroupsOfTheSameKindAlone() {
    Facts facts = Given.dump(policy("{x: y}").replace("security.istio.io", "example.com"));

    assertEquals(List.of(), facts.problems());
    assertEquals(Map.of("PeerAuthentication.example.com", 1), facts.ignoredKinds());
  }

  private static String policy(String spec) {
    return "{apiVersion: security.istio.io/v1, kind: PeerAuthentication, "
        + "metadata: {name: default, namespace: foo}, spec: "
        + spec
        + "}";
  }

  private static PeerAuthentication only(Facts facts) {
    List<PeerAuthentication> policies = Given.namespace(facts, "foo").peerAuthentications();
    assertEquals(1, policies.size(), () -> facts.problems().toString());
    return policies.get(0);
  }
}
