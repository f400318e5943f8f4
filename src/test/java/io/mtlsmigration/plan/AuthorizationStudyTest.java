// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.plan.PlanBuilders.plan;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.AuthorizationPolicy.Action;
import io.mtlsmigration.mesh.AuthorizationPolicy.Peers;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.AuthorizationDraft.Neighbour;
import io.mtlsmigration.plan.AuthorizationDraft.Origin;
import io.mtlsmigration.plan.AuthorizationDraft.Rule;
import io.mtlsmigration.plan.AuthorizationDrafts.Outlook;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class AuthorizationStudyTest {

  private static final Map<String, String> HTTPBIN = Map.of("app", "httpbin");
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
  private static final WorkloadRef LEGACY = new WorkloadRef("legacy", "Deployment", "curl");

  @Test
  void draftsOnePolicyForAllMeshIdentitiesOfAnExemptNamespace() {
    AuthorizationDrafts drafts = exempt(Worlds.task(), "bar", measured());

    AuthorizationDraft only = only(drafts);
    assertEquals(new ObjectRef("AuthorizationPolicy", "bar", AuthorizationDraft.NAME), only.ref());
    assertEquals(Map.of(), only.selector());
    assertEquals(List.of("from [*]"), told(only));
    assertEquals(List.of("bar/curl", "bar/httpbin"), ids(only.workloads()));
    assertEquals(List.of(), drafts.missing());
  }

  @Test
  void saysThatADraftWithoutARuleForPlaintextRefusesAllOfIt() {
    AuthorizationDrafts drafts = exempt(Worlds.task(), "bar", measured());

    assertEquals(
        List.of(
            "Once applied, no plaintext gets to Deployment bar/curl, Deployment bar/httpbin any"
                + " more"),
        only(drafts).notes());
  }

  @Test
  void letsInPlaintextThatWasSeenFromItsAddressAlone() {
    AuthorizationDrafts drafts =
        exempt(Worlds.task(), "bar", measured(seen(LEGACY, "10.0.9.7", 8080, "http")));

    assertEquals(
        List.of(AuthorizationDraft.NAME, AuthorizationDraft.NAME + "-httpbin"), names(drafts));
    AuthorizationDraft plaintext = drafts.policies().getLast();
    assertEquals(HTTPBIN, plaintext.selector());
    assertEquals(List.of("from 10.0.9.7 to 8080"), told(plaintext));
    assertEquals(Origin.OBSERVED, plaintext.rules().getFirst().origin());
    assertTrue(plaintext.rules().getFirst().why().contains("legacy/curl"));
  }

  static Stream<Arguments> unknownCallers() {
    return Stream.of(
        argumentSet("nobody's address", seen(LEGACY, "", 8080, "http"), "to 8080", 0),
        argumentSet("no name either", seen(null, "", 8080, "http"), "to 8080", 1),
        argumentSet("no port", seen(null, "10.0.9.7", 0, "http"), "from 10.0.9.7 to 8080", 1));
  }

  @ParameterizedTest
  @MethodSource("unknownCallers")
  void neverNarrowsByWhatTheEvidenceDoesNotTell(Edge edge, String rule, int missing) {
    AuthorizationDrafts drafts = exempt(Worlds.task(), "bar", measured(edge));

    assertEquals(List.of(rule), told(drafts.policies().getLast()));
    assertEquals(missing, drafts.missing().size());
  }

  @Test
  void namesNoAddressWhenOneCallerOfAPortHasNone() {
    AuthorizationDrafts drafts =
        exempt(
            Worlds.task(),
            "bar",
            measured(seen(LEGACY, "10.0.9.7", 8080, "http"), seen(null, "", 8080, "http")));

    assertEquals(List.of("to 8080"), told(drafts.policies().getLast()));
  }

  static Stream<Arguments> silence() {
    return Stream.of(
        argumentSet("no samples", new Evidence.NoSamples<NamespaceTraffic>(NOW, "idle")),
        argumentSet(
            "no answer",
            new Evidence.Unavailable<NamespaceTraffic>(Evidence.Reason.SOURCE_DOWN, "refused")));
  }

  @ParameterizedTest
  @MethodSource("silence")
  void doesNotTakeSilenceForNobody(Evidence<NamespaceTraffic> evidence) {
    AuthorizationDrafts drafts = exempt(Worlds.task(), "bar", evidence);

    assertEquals(1, drafts.missing().size());
    assertTrue(drafts.missing().getFirst().startsWith("who sends plaintext to bar is not known"));
  }

  @Test
  void limitsPlaintextToThePathsOfAnExceptionAndLeavesTheRestOfTheNamespaceAlone() {
    AuthorizationDrafts drafts =
        locked(Worlds.task(), measured(), excepted(8080, "/metrics", "/healthz"));

    AuthorizationDraft only = only(drafts);
    assertEquals(HTTPBIN, only.selector());
    assertEquals(List.of("from [*]", "to 8080 /metrics /healthz"), told(only));
    assertEquals(Origin.EXCEPTION, only.rules().getLast().origin());
    assertEquals(List.of("foo/httpbin"), ids(drafts.open()));
  }

  @Test
  void opensAPortThatAnExceptionListsWithoutPaths() {
    AuthorizationDrafts drafts = locked(Worlds.task(), measured(), excepted(8080));

    assertEquals(List.of("from [*]", "to 8080"), told(only(drafts)));
  }

  @Test
  void draftsWhatWasSeenAloneWhereAnExceptionListsNothing() {
    AuthorizationDrafts drafts =
        locked(Worlds.task(), measured(seen(LEGACY, "10.0.9.7", 8080, "http")), excepted(null));

    assertEquals(List.of("from [*]", "from 10.0.9.7 to 8080"), told(only(drafts)));
  }

  @Test
  void doesNotWidenAnExceptionByWhatWasSeen() {
    AuthorizationDrafts drafts =
        locked(
            Worlds.task(),
            measured(seen(LEGACY, "10.0.9.7", 8080, "http")),
            excepted(8080, "/metrics"));

    assertEquals(List.of("from [*]", "to 8080 /metrics"), told(only(drafts)));
    assertTrue(only(drafts).notes().getFirst().startsWith("legacy/curl was seen on ports [8080]"));
  }

  @Test
  void draftsNothingForPortsThatAreStrictAfterwards() {
    AuthorizationDrafts drafts =
        locked(
            mesh(
                namespace("foo")
                    .with(sidecarPod("httpbin").ports(8080, 9090))
                    .with(service("httpbin").port(8000, 8080))),
            measured(seen(LEGACY, "10.0.9.7", 8080, "http")),
            excepted(9090, "/metrics"));

    assertEquals(List.of("from [*]", "to 9090 /metrics"), told(only(drafts)));
  }

  static Stream<Arguments> notHttp() {
    return Stream.of(
        argumentSet("by its name", "tcp-data", List.of()),
        argumentSet("TLS of the application", "https", List.of()),
        argumentSet("by what was seen", "", List.of(seen(LEGACY, "10.0.9.7", 8080, "tcp"))));
  }

  /** A rule with paths counts as absent on a TCP port, and all plaintext would be refused. */
  @ParameterizedTest
  @MethodSource("notHttp")
  void asksForNoPathsWhereTheSidecarSeesNoHttp(String portName, List<Edge> seen) {
    AuthorizationDrafts drafts =
        locked(
            mesh(
                namespace("foo")
                    .with(sidecarPod("httpbin").ports(8080))
                    .with(service("httpbin").port(portName, 8000, "8080"))),
            measured(seen.toArray(Edge[]::new)),
            excepted(8080, "/metrics"));

    assertEquals(List.of("from [*]", "to 8080"), told(only(drafts)));
    assertTrue(only(drafts).notes().getFirst().contains("cannot be asked for on ports [8080]"));
  }

  /**
   * One Service that says TCP is enough: which of them the sidecar follows is not ours to guess.
   */
  @Test
  void asksForNoPathsWhereServicesDiffer() {
    AuthorizationDrafts drafts =
        locked(
            mesh(
                namespace("foo")
                    .with(sidecarPod("httpbin").ports(8080))
                    .with(
                        service("httpbin").port(8000, 8080),
                        service("raw").selector(HTTPBIN).port("tcp", 8001, "8080"))),
            measured(),
            excepted(8080, "/metrics"));

    assertEquals(List.of("from [*]", "to 8080"), told(only(drafts)));
  }

  @Test
  void asksForNoPathsOnZtunnel() {
    AuthorizationDrafts drafts =
        locked(
            mesh(
                namespace("foo")
                    .with(ambientPod("httpbin").ports(8080))
                    .with(service("httpbin").port(8000, 8080))),
            measured(),
            excepted(8080, "/metrics"));

    assertEquals(List.of("from [*]", "to 8080"), told(only(drafts)));
    assertTrue(only(drafts).notes().getFirst().contains("ztunnel"));
  }

  @Test
  void keepsTheKubeletsProbesThatAreNotRewritten() {
    AuthorizationDrafts drafts =
        exempt(
            mesh(namespace("bar").with(sidecarPod("httpbin").ports(8080).probe(8080))),
            "bar",
            measured());

    AuthorizationDraft probes = drafts.policies().getLast();
    assertEquals(List.of("to 8080 /healthz"), told(probes));
    assertEquals(Origin.KUBELET_PROBE, probes.rules().getFirst().origin());
  }

  @Test
  void needsNoRuleForTheKubeletOnZtunnel() {
    AuthorizationDrafts drafts =
        exempt(
            mesh(namespace("bar").with(ambientPod("httpbin").ports(8080).probe(8080))),
            "bar",
            measured());

    assertEquals(List.of("from [*]"), told(only(drafts)));
  }

  @Test
  void doesNotMeetGateways() {
    AuthorizationDrafts drafts =
        exempt(
            mesh(Worlds.bar().with(gatewayPod("ingress").label("app", "httpbin"))),
            "bar",
            measured());

    assertEquals(
        List.of(), drafts.policies().stream().filter(d -> d.selector().isEmpty()).toList());
    assertEquals(List.of(Map.of("app", "curl")), selectors(drafts));
    assertEquals(
        List.of("bar/httpbin"),
        drafts.undrafted().stream().map(left -> left.workload().id()).toList());
    assertTrue(drafts.notes().getFirst().contains("Deployment bar/ingress"));
  }

  @Test
  void findsLabelsThatSetAWorkloadApart() {
    AuthorizationDrafts drafts =
        exempt(
            mesh(
                namespace("bar")
                    .with(
                        sidecarPod("v1")
                            .of("Deployment", "v1")
                            .label("app", "a")
                            .label("version", "1"),
                        sidecarPod("v2")
                            .of("Deployment", "v2")
                            .label("app", "a")
                            .label("version", "2")),
                namespace("legacy")),
            "bar",
            measured(
                new Edge(
                    new Caller(LEGACY, "10.0.9.7"),
                    new WorkloadRef("bar", "Deployment", "v2"),
                    80,
                    "http",
                    Edge.Security.PLAINTEXT,
                    1,
                    0,
                    NOW,
                    NOW,
                    "test")));

    assertEquals(List.of(Map.of(), Map.of("app", "a", "version", "2")), selectors(drafts));
  }

  @Test
  void draftsNothingInTheRootNamespaceWhoseSelectorsReachEverywhere() {
    AuthorizationDrafts drafts =
        study(
            mesh(namespace("istio-system").with(sidecarPod("httpbin").ports(8080))),
            "istio-system",
            plan().build(),
            Outlook.AS_IT_IS,
            measured());

    assertEquals(List.of(), drafts.policies());
    assertEquals(1, drafts.undrafted().size());
  }

  @Test
  void draftsNothingWhileNobodyCanShowAnIdentity() {
    AuthorizationDrafts drafts =
        study(
            mesh(Worlds.bar().with(policy("default", MtlsMode.DISABLE))),
            "bar",
            plan().build(),
            Outlook.AS_IT_IS,
            measured());

    assertEquals(List.of(), drafts.policies());
    assertTrue(
        drafts
            .undrafted()
            .getFirst()
            .reason()
            .startsWith("PeerAuthentication bar/default says DISABLE"));
  }

  @Test
  void draftsForTheModeThatAnExemptNamespaceWillHave() {
    AuthorizationDrafts drafts =
        exempt(mesh(Worlds.root(MtlsMode.STRICT), Worlds.bar()), "bar", measured());

    assertEquals(List.of("bar/curl", "bar/httpbin"), ids(drafts.open()));
  }

  @Test
  void hasNothingToDraftWhereAllIsStrict() {
    AuthorizationDrafts drafts = locked(Worlds.task(), measured());

    assertEquals(List.of(), drafts.open());
    assertEquals(List.of(), drafts.policies());
    assertEquals(List.of(), drafts.missing());
  }

  @Test
  void tellsWhichPortsNoPolicyProtects() {
    AuthorizationDrafts drafts =
        locked(
            mesh(
                namespace("foo")
                    .with(sidecarPod("httpbin").ports(8080, 9090).excludeInbound(9090), pod("bare"))
                    .with(service("httpbin").port(8000, 8080))),
            measured(),
            excepted(8080));

    assertTrue(
        only(drafts).notes().getFirst().startsWith("Ports [9090] of Deployment foo/httpbin"));
    assertEquals(
        List.of("No policy protects pods without a proxy: Deployment foo/bare"), drafts.notes());
  }

  /** ALLOW policies add up: a rule for all mesh identities would undo somebody's own. */
  @Test
  void leavesIdentitiesToAnAllowPolicyThatIsThere() {
    AuthorizationDrafts drafts =
        locked(
            mesh(
                Worlds.foo()
                    .with(authorization("own", Action.ALLOW, HTTPBIN, new Peers(true, false)))),
            measured(),
            excepted(8080, "/metrics"));

    AuthorizationDraft only = only(drafts);
    assertEquals(List.of("to 8080 /metrics"), told(only));
    Neighbour neighbour = only.neighbours().getFirst();
    assertEquals(new ObjectRef("AuthorizationPolicy", "foo", "own"), neighbour.policy());
    assertTrue(neighbour.effect().contains("adds to it"));
  }

  @Test
  void draftsNothingBesideAnAllowPolicyWhenNobodyListsAnything() {
    AuthorizationDrafts drafts =
        exempt(
            mesh(
                Worlds.bar()
                    .with(authorization("own", Action.ALLOW, HTTPBIN, new Peers(true, false)))),
            "bar",
            measured(seen(LEGACY, "10.0.9.7", 8080, "http")));

    assertEquals(List.of(Map.of("app", "curl")), selectors(drafts));
    assertTrue(
        drafts
            .undrafted()
            .getFirst()
            .reason()
            .startsWith("AuthorizationPolicy bar/own decides already"));
  }

  static Stream<Arguments> neighbours() {
    return Stream.of(
        argumentSet("DENY", Action.DENY, new Peers(true, false), "judged first"),
        argumentSet("CUSTOM", Action.CUSTOM, new Peers(false, false), "provider is asked first"),
        argumentSet("AUDIT", Action.AUDIT, new Peers(false, false), "for the log"));
  }

  @ParameterizedTest
  @MethodSource("neighbours")
  void saysHowOtherPoliciesCombine(Action action, Peers peers, String effect) {
    AuthorizationDrafts drafts =
        exempt(
            mesh(Worlds.bar().with(authorization("own", action, Map.of(), peers))),
            "bar",
            measured());

    assertEquals(List.of("from [*]"), told(only(drafts)));
    assertTrue(only(drafts).neighbours().getFirst().effect().contains(effect));
  }

  static Stream<Arguments> throughOthers() {
    return Stream.of(
        argumentSet("all but some", new Peers(false, true), "plaintext has none"),
        argumentSet("anybody", new Peers(false, false), "asks for no identity"));
  }

  @ParameterizedTest
  @MethodSource("throughOthers")
  void saysWhenPlaintextGetsThroughByAnAllowPolicyThatIsThere(Peers peers, String effect) {
    AuthorizationDrafts drafts =
        locked(
            mesh(Worlds.foo().with(authorization("own", Action.ALLOW, HTTPBIN, peers))),
            measured(),
            excepted(8080));

    assertTrue(only(drafts).neighbours().getFirst().effect().contains(effect));
  }

  @Test
  void countsPoliciesOfTheRootNamespace() {
    AuthorizationDrafts drafts =
        exempt(
            mesh(
                namespace("istio-system")
                    .with(authorization("all", Action.DENY, Map.of(), new Peers(true, false))),
                Worlds.bar()),
            "bar",
            measured());

    assertEquals("istio-system", only(drafts).neighbours().getFirst().policy().namespace());
  }

  static Stream<Arguments> strangers() {
    return Stream.of(
        argumentSet("of other pods", authorization("own", Action.ALLOW, Map.of("app", "x"))),
        argumentSet("a dry run", dryRun("own")),
        argumentSet("bound to a waypoint", attached("own")),
        argumentSet(
            "its own draft", authorization(AuthorizationDraft.NAME, Action.ALLOW, Map.of())));
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void leavesOutPoliciesThatDoNotCount(Function<String, OtherObject> policy) {
    AuthorizationDrafts drafts = exempt(mesh(Worlds.bar().with(policy)), "bar", measured());

    assertEquals(List.of("from [*]"), told(only(drafts)));
    assertEquals(List.of(), only(drafts).neighbours());
  }

  @Test
  void tellsOfEarlierDraftsThatStillCount() {
    AuthorizationDrafts drafts =
        exempt(
            mesh(
                Worlds.bar()
                    .with(authorization(AuthorizationDraft.NAME + "-old", Action.ALLOW, HTTPBIN))),
            "bar",
            measured());

    assertTrue(
        drafts.notes().getFirst().startsWith("AuthorizationPolicy bar/mtls-migration-open-old"));
  }

  @Test
  void saysThatAPolicyCouldNotBeRead() {
    AuthorizationDrafts drafts =
        exempt(
            mesh(Worlds.bar().unreadable("AuthorizationPolicy", "odd", "/spec/action")),
            "bar",
            measured());

    assertTrue(
        drafts.missing().getFirst().startsWith("AuthorizationPolicy bar/odd cannot be read"));
  }

  // ---- worlds, evidence, and drafts in short

  private static AuthorizationDrafts exempt(
      MeshSnapshot world, String namespace, Evidence<NamespaceTraffic> evidence) {
    return study(world, namespace, plan().build(), Outlook.EXEMPT, evidence);
  }

  private static AuthorizationDrafts locked(
      MeshSnapshot world, Evidence<NamespaceTraffic> evidence, PolicyException... exceptions) {
    return study(world, "foo", plan().exceptions(exceptions).build(), Outlook.LOCKED, evidence);
  }

  private static AuthorizationDrafts study(
      MeshSnapshot world,
      String namespace,
      PlanSpec spec,
      Outlook outlook,
      Evidence<NamespaceTraffic> evidence) {
    return AuthorizationStudy.of(
        MeshModes.resolve(world), namespace, spec, outlook, inside(namespace, evidence));
  }

  /** The evidence, with its servers in the namespace that is asked about. */
  private static Evidence<NamespaceTraffic> inside(
      String namespace, Evidence<NamespaceTraffic> evidence) {
    if (!(evidence instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf))) {
      return evidence;
    }
    List<Edge> edges =
        traffic.edges().stream()
            .map(
                edge ->
                    new Edge(
                        edge.client(),
                        new WorkloadRef(namespace, "Deployment", edge.server().name()),
                        edge.port(),
                        edge.protocol(),
                        edge.security(),
                        edge.count(),
                        edge.ownProbes(),
                        edge.firstSeen(),
                        edge.lastSeen(),
                        edge.source()))
            .toList();
    return new Evidence.Measured<>(new NamespaceTraffic(edges, 0, 0), asOf);
  }

  private static PolicyException excepted(@Nullable Integer port, String... paths) {
    return new PolicyException(
        "foo", HTTPBIN, port, "team-a", "scrape", LocalDate.of(2027, 3, 1), List.of(paths));
  }

  private static Evidence<NamespaceTraffic> measured(Edge... edges) {
    return new Evidence.Measured<>(new NamespaceTraffic(List.of(edges), 0, 0), NOW);
  }

  private static Edge seen(
      @Nullable WorkloadRef client, String address, int port, String protocol) {
    return new Edge(
        new Caller(client, address),
        new WorkloadRef("bar", "Deployment", "httpbin"),
        port,
        protocol,
        Edge.Security.PLAINTEXT,
        1,
        0,
        NOW,
        NOW,
        "test");
  }

  private static Function<String, OtherObject> authorization(
      String name, Action action, Map<String, String> selector, Peers... peers) {
    return namespace ->
        new AuthorizationPolicy(
            new ObjectRef("AuthorizationPolicy", namespace, name),
            "",
            selector,
            false,
            true,
            action,
            Set.of(),
            List.of(peers));
  }

  private static Function<String, OtherObject> dryRun(String name) {
    return namespace ->
        new AuthorizationPolicy(
            new ObjectRef("AuthorizationPolicy", namespace, name),
            "",
            Map.of(),
            false,
            false,
            Action.ALLOW,
            Set.of(),
            List.of());
  }

  private static Function<String, OtherObject> attached(String name) {
    return namespace ->
        new AuthorizationPolicy(
            new ObjectRef("AuthorizationPolicy", namespace, name),
            "",
            Map.of(),
            true,
            true,
            Action.ALLOW,
            Set.of(),
            List.of());
  }

  private static AuthorizationDraft only(AuthorizationDrafts drafts) {
    assertEquals(1, drafts.policies().size(), () -> drafts.toString());
    return drafts.policies().getFirst();
  }

  private static List<String> told(AuthorizationDraft draft) {
    return draft.rules().stream().map(AuthorizationStudyTest::told).toList();
  }

  private static String told(Rule rule) {
    List<String> words = new ArrayList<>();
    if (!rule.principals().isEmpty()) {
      words.add("from " + rule.principals());
    }
    if (!rule.ipBlocks().isEmpty()) {
      words.add("from " + String.join(" ", rule.ipBlocks()));
    }
    if (!rule.ports().isEmpty()) {
      words.add("to " + String.join(" ", rule.ports().stream().map(String::valueOf).toList()));
    }
    words.addAll(rule.paths());
    return String.join(" ", words);
  }

  private static List<String> names(AuthorizationDrafts drafts) {
    return drafts.policies().stream().map(draft -> draft.ref().name()).toList();
  }

  private static List<Map<String, String>> selectors(AuthorizationDrafts drafts) {
    return drafts.policies().stream()
        .<Map<String, String>>map(draft -> new TreeMap<>(draft.selector()))
        .toList();
  }

  private static List<String> ids(List<WorkloadRef> workloads) {
    return workloads.stream().map(WorkloadRef::id).toList();
  }
}
