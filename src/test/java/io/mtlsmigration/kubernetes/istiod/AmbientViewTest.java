// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import static io.mtlsmigration.kubernetes.istiod.StandInIstiod.ADDRESSES;
import static io.mtlsmigration.kubernetes.istiod.StandInIstiod.ztunnel;
import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders.PolicyBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.rollout.ProxySync.Difference;
import io.mtlsmigration.rollout.ProxySync.Status;
import io.mtlsmigration.testing.ManualClock;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What istiod has ztunnel enforce, against what the policies say. The rules are those of
 * src/test/resources/ambient/modes-on-mesh.txt.
 */
final class AmbientViewTest {

  private static final Instant NOW = Instant.parse("2026-11-26T23:04:42Z");
  private static final ObjectRef ZTUNNEL = new ObjectRef("Pod", "istio-system", "ztunnel-x");

  private static final String UNKNOWN_PEER =
      "{\"matches\":[{\"notPrincipals\":[{\"presence\":{}}]}]}";
  private static final String STATIC =
      rules("istio-system", "istio_converted_static_strict", "{\"rules\":[" + UNKNOWN_PEER + "]}");
  private static final String BUT_9999 =
      rules(
          "foo",
          "converted_peer_authentication_httpbin",
          "{\"rules\":[{\"matches\":[{\"notDestinationPorts\":[9999]}]}," + UNKNOWN_PEER + "]}");
  private static final String ONLY_8080 =
      rules(
          "foo",
          "converted_peer_authentication_httpbin",
          "{\"rules\":[{\"matches\":[{\"notPrincipals\":[{\"presence\":{}}],\"destinationPorts\":[8080]}]}]}");
  private static final String CONVERTED = "foo/converted_peer_authentication_httpbin";

  private final StandInIstiod istiod = new StandInIstiod().at(NOW);
  private MeshSnapshot facts = mesh();
  private final IstiodSync sync =
      new IstiodSync(
          StandInIstiod.ports(Map.of("istiod-1", istiod)),
          () -> facts,
          new ManualClock(NOW),
          IstiodOptions.DEFAULT,
          "istio-system");

  @AfterEach
  void close() {
    sync.close();
    istiod.close();
  }

  private static String rules(String namespace, String name, String groups) {
    return "{\"name\":\""
        + name
        + "\",\"namespace\":\""
        + namespace
        + "\",\"scope\":\"WORKLOAD_SELECTOR\",\"action\":\"DENY\",\"groups\":["
        + groups
        + "]}";
  }

  private static String page(String obeys, String... policies) {
    return "{\"workloads\":[{\"uid\":\"Kubernetes//Pod/foo/httpbin\",\"name\":\"httpbin\","
        + "\"namespace\":\"foo\",\"addresses\":[\"MTAuMC4wLjE=\"],\"clusterId\":\"Kubernetes\""
        + (obeys.isEmpty() ? "" : ",\"authorizationPolicies\":[\"" + obeys + "\"]")
        + "}],\"services\":null,\"policies\":["
        + String.join(",", policies)
        + "]}";
  }

  private Status status(MtlsMode namespace, PolicyBuilder workload) throws InterruptedException {
    facts =
        mesh(
            namespace("istio-system")
                .with(
                    pod("istiod-1").of("Deployment", "istiod").ip("10.0.9.9"),
                    pod("ztunnel-x").ip("10.0.9.1")),
            namespace("foo")
                .with(ambientPod("httpbin").ip("10.0.0.1"))
                .with(policy("default", namespace), workload));
    istiod.shows(ztunnel(ZTUNNEL).follows(ADDRESSES, NOW));
    sync.read();
    return sync.of("foo");
  }

  private static PolicyBuilder workload(MtlsMode mode) {
    return policy("httpbin", mode).selector("app", "httpbin");
  }

  static Stream<Arguments> right() {
    return Stream.of(
        argumentSet(
            "rules that were made for STRICT",
            workload(MtlsMode.UNSET).port(9999, MtlsMode.PERMISSIVE),
            page(CONVERTED, STATIC, BUT_9999)),
        argumentSet(
            "a mode of its own",
            workload(MtlsMode.STRICT).port(9999, MtlsMode.PERMISSIVE),
            page(CONVERTED, STATIC, BUT_9999)),
        argumentSet(
            "the static rule",
            workload(MtlsMode.UNSET).port(8080, MtlsMode.STRICT),
            page("istio-system/istio_converted_static_strict", STATIC)));
  }

  @ParameterizedTest
  @MethodSource("right")
  void isSyncedWhenIstiodMakesWhatThePoliciesSay(PolicyBuilder workload, String page)
      throws Exception {
    istiod.ambient(page);

    assertEquals(new Status.Synced(), status(MtlsMode.STRICT, workload));
  }

  /** Case 8: the workload's policy first, then the namespace's. */
  @Test
  void tellsOfAWorkloadThatIsOpenBecauseItsRulesWereNeverMade() throws Exception {
    istiod.ambient(page(CONVERTED, STATIC));

    Status status =
        status(MtlsMode.STRICT, workload(MtlsMode.UNSET).port(9999, MtlsMode.PERMISSIVE));

    Difference difference = assertInstanceOf(Status.Differs.class, status).differences().getFirst();
    assertEquals(ObjectRef.peerAuthentication("foo", "httpbin"), difference.policy());
    assertTrue(difference.what().contains("takes plaintext on every port"), difference.what());
  }

  /** Case 5: rules that were made under STRICT stay when it ends. */
  @Test
  void tellsOfAWorkloadThatIsRefusedByOldRules() throws Exception {
    istiod.ambient(page(CONVERTED, STATIC, BUT_9999));

    Status status =
        status(
            MtlsMode.PERMISSIVE,
            workload(MtlsMode.UNSET).port(9999, MtlsMode.PERMISSIVE).port(8080, MtlsMode.STRICT));

    String what = assertInstanceOf(Status.Differs.class, status).differences().getFirst().what();
    assertTrue(what.contains("refuses plaintext on every port"), what);
  }

  @Test
  void tellsWhichPortsAreOpen() throws Exception {
    istiod.ambient(page("", STATIC, ONLY_8080));

    Status status =
        status(MtlsMode.PERMISSIVE, workload(MtlsMode.UNSET).port(8080, MtlsMode.STRICT));

    String what = assertInstanceOf(Status.Differs.class, status).differences().getFirst().what();
    assertTrue(what.endsWith("takes plaintext on ports [8080], which is STRICT"), what);
  }

  static Stream<Arguments> unseen() {
    return Stream.of(
        argumentSet("an istiod that is too old", "", "upgrade istiod"),
        argumentSet(
            "an istiod that does not know the pod",
            "{\"workloads\":null,\"services\":null,\"policies\":null}",
            "no istiod shows the pod"),
        argumentSet("a page that is cut off", "{\"workloads\":[{\"uid\":", "not understood"),
        argumentSet("a page that is no page", "[]", "not understood"));
  }

  @ParameterizedTest
  @MethodSource("unseen")
  void whatIsNotSeenIsNotKnown(String page, String why) throws Exception {
    istiod.ambient(page);

    Status status =
        status(MtlsMode.STRICT, workload(MtlsMode.STRICT).port(9999, MtlsMode.PERMISSIVE));

    String detail = assertInstanceOf(Status.Unknown.class, status).detail();
    assertTrue(detail.contains(why) && detail.contains("foo/httpbin"), detail);
  }

  /** Their rule is always the same; the page of a large mesh is long. */
  @Test
  void doesNotAskForPodsWhosePoliciesNameNoPort() throws Exception {
    assertEquals(new Status.Synced(), status(MtlsMode.STRICT, workload(MtlsMode.STRICT)));

    assertEquals(1, istiod.asked());
  }
}
