// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.DISABLE;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.ISTIO_MUTUAL;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.MUTUAL;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.SIMPLE;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarScope;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.MeshBuilders.DestinationRuleBuilder;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Worlds;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which rule a client applies, and what it makes of it. The server is bar/httpbin, 8000 → 8080. */
final class DestinationRulesTest {

  private static final String FULL = "httpbin.bar.svc.cluster.local";

  /** A rule by its namespace, and a rule that is there; the client is foo/curl. */
  private static Prediction fooToBar(Map<String, List<DestinationRuleBuilder>> rules) {
    return call("foo/curl", rules);
  }

  private static Prediction call(String from, Map<String, List<DestinationRuleBuilder>> rules) {
    return Calls.predict(world(rules), from, "bar/httpbin");
  }

  private static MeshSnapshot world(Map<String, List<DestinationRuleBuilder>> rules) {
    Map<String, NamespaceBuilder> namespaces = new HashMap<>();
    namespaces.put("istio-system", namespace("istio-system").with(sidecarPod("curl")));
    namespaces.put("foo", Worlds.foo());
    namespaces.put("bar", Worlds.bar());
    namespaces.put("other", Worlds.injected("other"));
    rules.forEach((name, list) -> list.forEach(rule -> namespaces.get(name).with(rule)));
    return mesh(namespaces.values().toArray(new NamespaceBuilder[0]));
  }

  private static String told(Prediction prediction) {
    return prediction.clientTls()
        + prediction.decidedBy().stream()
            .filter(ref -> ref.kind().equals("DestinationRule"))
            .map(ref -> " " + ref.namespace() + "/" + ref.name())
            .reduce("", String::concat);
  }

  static Stream<Arguments> modes() {
    return Stream.of(
        argumentSet("DISABLE", DISABLE, ClientTls.PLAINTEXT, Reach.OK, Reach.REFUSED),
        argumentSet("SIMPLE", SIMPLE, ClientTls.TLS, Reach.REFUSED, Reach.REFUSED),
        argumentSet("MUTUAL", MUTUAL, ClientTls.TLS, Reach.REFUSED, Reach.REFUSED),
        argumentSet("ISTIO_MUTUAL", ISTIO_MUTUAL, ClientTls.ISTIO_MUTUAL, Reach.OK, Reach.OK));
  }

  @ParameterizedTest
  @MethodSource("modes")
  void theModeOfTheRuleDecides(
      DestinationRule.ClientTlsMode mode, ClientTls tls, Reach permissive, Reach strict) {
    MeshSnapshot open = world(Map.of("bar", List.of(destinationRule("r", "httpbin").tls(mode))));
    MeshSnapshot closed = open.with(Worlds.root(MtlsMode.STRICT).build());

    Prediction now = Calls.predict(open, "foo/curl", "bar/httpbin");
    Prediction then = Calls.predict(closed, "foo/curl", "bar/httpbin");

    assertEquals(List.of(tls, tls), List.of(now.clientTls(), then.clientTls()));
    assertEquals(List.of(permissive, strict), List.of(now.reach(), then.reach()));
    assertEquals(List.of(new ObjectRef("DestinationRule", "bar", "r")), now.decidedBy());
  }

  @Test
  void aClientWithoutProxyAppliesNoRule() {
    MeshSnapshot snapshot =
        world(Map.of("bar", List.of(destinationRule("r", FULL).tls(ISTIO_MUTUAL))))
            .with(namespace("legacy").with(pod("curl")).build());

    assertEquals("PLAINTEXT", told(Calls.predict(snapshot, "legacy/curl", "bar/httpbin")));
  }

  @Test
  void istioMutualTowardsAServerWithoutProxyIsRefused() {
    MeshSnapshot snapshot =
        mesh(
            Worlds.foo(),
            namespace("bar")
                .with(pod("httpbin").ports(8080))
                .with(service("httpbin").port(8000, 8080))
                .with(destinationRule("r", "httpbin").tls(ISTIO_MUTUAL)));

    Prediction prediction = Calls.predict(snapshot, "foo/curl", "bar/httpbin");

    assertEquals("ISTIO_MUTUAL bar/r REFUSED", told(prediction) + " " + prediction.reach());
  }

  static Stream<Arguments> hosts() {
    return Stream.of(
        argumentSet("short, in the service's namespace", "bar", "httpbin", true),
        argumentSet("short, in another", "foo", "httpbin", false),
        argumentSet("full", "foo", FULL, true),
        argumentSet("half", "bar", "httpbin.bar", false),
        argumentSet("without the domain", "bar", "httpbin.bar.svc", false),
        argumentSet("everything", "foo", "*", true),
        argumentSet("wildcard", "foo", "*.bar.svc.cluster.local", true),
        argumentSet("wide wildcard", "foo", "*.local", true),
        argumentSet("other wildcard", "foo", "*.other.svc.cluster.local", false));
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void aHostIsReadAsIstioReadsIt(String namespace, String host, boolean applies) {
    Prediction prediction =
        fooToBar(Map.of(namespace, List.of(destinationRule("r", host).tls(DISABLE))));

    assertEquals(applies ? ClientTls.PLAINTEXT : ClientTls.ISTIO_MUTUAL, prediction.clientTls());
  }

  @Test
  void namespacesAreAskedInOrder() {
    DestinationRuleBuilder client = destinationRule("client", "*.local").tls(ISTIO_MUTUAL);
    DestinationRuleBuilder server = destinationRule("server", "httpbin").tls(SIMPLE);
    DestinationRuleBuilder root = destinationRule("root", FULL).tls(DISABLE);

    assertEquals(
        "ISTIO_MUTUAL foo/client",
        told(
            fooToBar(
                Map.of(
                    "foo",
                    List.of(client),
                    "bar",
                    List.of(server),
                    "istio-system",
                    List.of(root)))));
    assertEquals(
        "TLS bar/server",
        told(fooToBar(Map.of("bar", List.of(server), "istio-system", List.of(root)))));
    assertEquals(
        "PLAINTEXT istio-system/root",
        told(fooToBar(Map.of("other", List.of(client), "istio-system", List.of(root)))));
  }

  @Test
  void withinANamespaceTheMostSpecificHostWins() {
    assertEquals(
        "TLS foo/exact",
        told(
            fooToBar(
                Map.of(
                    "foo",
                    List.of(
                        destinationRule("wide", "*.local").tls(DISABLE),
                        destinationRule("narrow", "*.bar.svc.cluster.local").tls(ISTIO_MUTUAL),
                        destinationRule("exact", FULL).tls(SIMPLE))))));
    assertEquals(
        "ISTIO_MUTUAL foo/narrow",
        told(
            fooToBar(
                Map.of(
                    "foo",
                    List.of(
                        destinationRule("wide", "*.local").tls(DISABLE),
                        destinationRule("narrow", "*.bar.svc.cluster.local").tls(ISTIO_MUTUAL))))));
  }

  @Test
  void aMoreSpecificRuleWithoutTlsReturnsToAutoMtls() {
    assertEquals(
        "ISTIO_MUTUAL",
        told(
            fooToBar(
                Map.of(
                    "foo",
                    List.of(
                        destinationRule("wide", "*.local").tls(DISABLE),
                        destinationRule("exact", FULL).otherPolicy())))));
  }

  @Test
  void aRuleThatIsNotExportedHidesTheLessSpecificOnesBesideIt() {
    List<DestinationRuleBuilder> inBar =
        List.of(
            destinationRule("exact", FULL).tls(SIMPLE).exportTo("other"),
            destinationRule("wide", "*.local").tls(DISABLE));

    assertEquals("ISTIO_MUTUAL", told(fooToBar(Map.of("bar", inBar))));
    assertEquals("TLS bar/exact", told(call("other/curl", Map.of("bar", inBar))));
    assertEquals(
        "TLS istio-system/root",
        told(
            fooToBar(
                Map.of(
                    "bar",
                    inBar,
                    "istio-system",
                    List.of(destinationRule("root", "*").tls(MUTUAL))))));
  }

  @Test
  void aPrivateRuleIsPassedOverAsIfItWereNotThere() {
    List<DestinationRuleBuilder> inBar =
        List.of(
            destinationRule("exact", FULL).tls(SIMPLE).exportTo("."),
            destinationRule("wide", "*.local").tls(DISABLE));

    assertEquals("PLAINTEXT bar/wide", told(fooToBar(Map.of("bar", inBar))));
    assertEquals("TLS bar/exact", told(call("bar/curl", Map.of("bar", inBar))));
  }

  @Test
  void aClientInTheRootNamespaceSeesOnlyPrivateRulesThereFirst() {
    DestinationRuleBuilder exported = destinationRule("exported", FULL).tls(DISABLE);
    DestinationRuleBuilder own = destinationRule("own", "*.local").tls(SIMPLE).exportTo(".");
    DestinationRuleBuilder server = destinationRule("server", "httpbin").tls(MUTUAL);

    assertEquals(
        "TLS istio-system/own",
        told(call("istio-system/curl", Map.of("istio-system", List.of(exported, own)))));
    assertEquals(
        "TLS bar/server",
        told(
            call(
                "istio-system/curl",
                Map.of("istio-system", List.of(exported), "bar", List.of(server)))));
    assertEquals(
        "PLAINTEXT istio-system/exported",
        told(call("istio-system/curl", Map.of("istio-system", List.of(exported)))));
  }

  @Test
  void aRuleWithASelectorNeedsAMatchingClientOfItsNamespace() {
    List<DestinationRuleBuilder> inFoo =
        List.of(
            destinationRule("general", FULL).tls(SIMPLE),
            destinationRule("curl", FULL).tls(DISABLE).workloadSelector("app", "curl"));

    assertEquals("PLAINTEXT foo/curl", told(call("foo/curl", Map.of("foo", inFoo))));
    assertEquals("TLS foo/general", told(call("foo/httpbin", Map.of("foo", inFoo))));
    assertEquals(
        "ISTIO_MUTUAL",
        told(
            fooToBar(
                Map.of(
                    "bar",
                    List.of(
                        destinationRule("curl", FULL)
                            .tls(DISABLE)
                            .exportTo("*")
                            .workloadSelector("app", "curl"))))));
  }

  // Merging

  @Test
  void theOldestPolicyForAHostCountsAndOnlyItIsNamed() {
    assertEquals(
        "TLS foo/b",
        told(
            fooToBar(
                Map.of(
                    "foo",
                    List.of(
                        destinationRule("a", FULL).tls(DISABLE).createdAt(3),
                        destinationRule("b", FULL).tls(SIMPLE).createdAt(2),
                        destinationRule("c", FULL).createdAt(1))))));
  }

  @Test
  void subsetsAreJoinedAndTheOldestOfANameStays() {
    Map<String, String> labels = Map.of("app", "httpbin");
    MeshSnapshot snapshot =
        world(
            Map.of(
                "foo",
                List.of(
                    destinationRule("a", FULL).subset("v1", labels, tls(DISABLE)).createdAt(1),
                    destinationRule("b", FULL)
                        .subset("v1", labels, tls(SIMPLE))
                        .subset("v2", labels, tls(SIMPLE))
                        .createdAt(2))));

    assertEquals("PLAINTEXT foo/a", told(Calls.predict(snapshot, "foo/curl", "bar/httpbin", "v1")));
    assertEquals("TLS foo/b", told(Calls.predict(snapshot, "foo/curl", "bar/httpbin", "v2")));
    assertEquals("ISTIO_MUTUAL", told(Calls.predict(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void rulesWithDifferentExportsAreNotMerged() {
    List<DestinationRuleBuilder> inBar =
        List.of(
            destinationRule("for-foo", FULL).tls(SIMPLE).exportTo("foo").createdAt(1),
            destinationRule("for-other", FULL).tls(DISABLE).exportTo("other").createdAt(2));

    assertEquals("TLS bar/for-foo", told(fooToBar(Map.of("bar", inBar))));
    assertEquals("PLAINTEXT bar/for-other", told(call("other/curl", Map.of("bar", inBar))));
  }

  @Test
  void aRuleWithAWiderExportIsSwallowedByTheNarrowerOne() {
    List<DestinationRuleBuilder> inBar =
        List.of(
            destinationRule("narrow", FULL).exportTo("foo").createdAt(1),
            destinationRule("wider", FULL).tls(DISABLE).exportTo("foo", "other").createdAt(2));

    assertEquals("PLAINTEXT bar/wider", told(fooToBar(Map.of("bar", inBar))));
    assertEquals("ISTIO_MUTUAL", told(call("other/curl", Map.of("bar", inBar))));
  }

  // Ports and subsets

  @Test
  void aPortSettingReplacesTheRuleForItsServicePort() {
    assertEquals(
        "PLAINTEXT foo/r",
        told(
            fooToBar(
                Map.of(
                    "foo", List.of(destinationRule("r", FULL).tls(SIMPLE).port(8000, DISABLE))))));
    assertEquals(
        "TLS foo/r",
        told(
            fooToBar(
                Map.of(
                    "foo", List.of(destinationRule("r", FULL).tls(SIMPLE).port(8080, DISABLE))))));
  }

  /** Istio builds the cluster by one reading of the rule and marks endpoints by another. */
  @Test
  void aPortSettingWithoutTlsReturnsToAutoMtlsUnlessTheRuleDisagrees() {
    assertEquals(
        "PLAINTEXT foo/r",
        told(
            fooToBar(
                Map.of("foo", List.of(destinationRule("r", FULL).tls(DISABLE).port(8000, null))))));
    assertEquals(
        "ISTIO_MUTUAL foo/r",
        told(
            fooToBar(
                Map.of(
                    "foo",
                    List.of(destinationRule("r", FULL).tls(ISTIO_MUTUAL).port(8000, null))))));
  }

  @Test
  void aSubsetAddsWhatItSets() {
    Map<String, String> labels = Map.of("app", "httpbin");
    MeshSnapshot snapshot =
        world(
            Map.of(
                "foo",
                List.of(
                    destinationRule("r", FULL)
                        .tls(SIMPLE)
                        .subset("own", labels, tls(DISABLE))
                        .subset("none", labels, null)
                        .subset("other", labels, new TrafficPolicy(null, false, Map.of()))
                        .subset(
                            "port",
                            labels,
                            new TrafficPolicy(
                                ISTIO_MUTUAL,
                                false,
                                Map.of(8000, new DestinationRule.PortPolicy(DISABLE, false)))))));

    assertEquals(
        List.of("PLAINTEXT foo/r", "TLS foo/r", "TLS foo/r", "PLAINTEXT foo/r", "TLS foo/r"),
        Stream.of("own", "none", "other", "port", "unknown")
            .map(subset -> told(Calls.predict(snapshot, "foo/curl", "bar/httpbin", subset)))
            .toList());
  }

  // Passthrough

  @Test
  void passthroughSpeaksMtlsOnlyWhenEveryEndpointDoes() {
    DestinationRuleBuilder rule = destinationRule("r", FULL).passthrough();
    MeshSnapshot all = world(Map.of("foo", List.of(rule)));
    MeshSnapshot mixed =
        all.with(
            Worlds.bar().with(pod("httpbin-2").of("Deployment", "httpbin").ports(8080)).build());

    assertEquals("ISTIO_MUTUAL", told(Calls.predict(all, "foo/curl", "bar/httpbin")));
    assertEquals("PLAINTEXT foo/r", told(Calls.predict(mixed, "foo/curl", "bar/httpbin")));
  }

  @Test
  void aSubsetKeepsThePassthroughOfItsService() {
    Map<String, String> labels = Map.of("app", "httpbin");
    TrafficPolicy replaced =
        new TrafficPolicy(null, false, Map.of(8000, new DestinationRule.PortPolicy(null, false)));
    MeshSnapshot captured =
        world(
            Map.of(
                "foo",
                List.of(destinationRule("r", FULL).passthrough().subset("s", labels, replaced))));
    MeshSnapshot deaf =
        captured.with(
            namespace("bar")
                .with(pod("httpbin").ports(8080))
                .with(service("httpbin").port(8000, 8080))
                .build());

    Prediction prediction = Calls.predict(deaf, "foo/curl", "bar/httpbin", "s");

    assertEquals("ISTIO_MUTUAL REFUSED", prediction.clientTls() + " " + prediction.reach());
  }

  // Secrets

  @Test
  void aSidecarThatTheRuleDoesNotSelectGetsNoSecret() {
    DestinationRuleBuilder rule = destinationRule("r", FULL).tls(SIMPLE).secret();

    assertEquals("PLAINTEXT foo/r", told(fooToBar(Map.of("foo", List.of(rule)))));
    assertEquals(
        "TLS foo/r", told(fooToBar(Map.of("foo", List.of(rule.workloadSelector("app", "curl"))))));
  }

  @Test
  void aGatewayGetsTheSecret() {
    MeshSnapshot snapshot =
        world(Map.of("bar", List.of(destinationRule("r", "httpbin").tls(SIMPLE).secret())))
            .with(namespace("ingress").with(gatewayPod("gw")).build());

    assertEquals("TLS bar/r", told(Calls.predict(snapshot, "ingress/gw", "bar/httpbin")));
  }

  @Test
  void aServiceThatTheSidecarDoesNotImportHasNoRule() {
    MeshSnapshot snapshot =
        world(Map.of("bar", List.of(destinationRule("r", "httpbin").tls(SIMPLE))))
            .with(Worlds.foo().with(sidecarScope("s", "./*")).build());

    assertEquals("PLAINTEXT", told(Calls.predict(snapshot, "foo/curl", "bar/httpbin")));
  }

  @Test
  void autoMtlsIsJudgedByTheServicesNamespaceUnlessARuleSpeaks() {
    MeshSnapshot silent = mesh(Worlds.foo(), Worlds.bar().with(policy("p", MtlsMode.DISABLE)));
    MeshSnapshot ruled =
        mesh(
            Worlds.foo().with(destinationRule("r", FULL).tls(ISTIO_MUTUAL)),
            Worlds.bar().with(policy("p", MtlsMode.DISABLE)));

    assertEquals(Reach.OK, Calls.predict(silent, "foo/curl", "bar/httpbin").reach());
    assertEquals(Reach.REFUSED, Calls.predict(ruled, "foo/curl", "bar/httpbin").reach());
  }

  private static TrafficPolicy tls(DestinationRule.ClientTlsMode mode) {
    return new TrafficPolicy(mode, false, Map.of());
  }
}
