// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.hazard.Severity;
import io.mtlsmigration.kubernetes.inventory.StandInApi.Fault;
import io.mtlsmigration.manifest.UnreadFields;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.SourceHealth;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.testing.ApiClients;
import io.mtlsmigration.testing.ManualClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the facts when the API server does not do as it should. */
final class LostAndFoundTest {

  private static final Duration POLL = Duration.ofMillis(20);

  private static final String NAMESPACES = "api/v1/namespaces";
  private static final String PODS = "api/v1/pods";
  private static final String CONFIG_MAPS = "api/v1/namespaces/istio-system/configmaps";
  private static final String POLICIES = "apis/security.istio.io/v1/peerauthentications";
  private static final String OLD_POLICIES = "apis/security.istio.io/v1beta1/peerauthentications";

  private static final String ROUTES = "apis/gateway.networking.k8s.io/v1/httproutes";
  private static final String OLD_ROUTES = "apis/gateway.networking.k8s.io/v1beta1/httproutes";
  private static final String WEBHOOKS =
      "apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

  private static final InventoryOptions OPTIONS =
      new InventoryOptions(
          "istio-system", "cluster.local", 2, Duration.ofSeconds(1), List.of("kubectl"));

  private final StandInApi api = new StandInApi();
  private KubernetesClient client;
  private ClusterInventory inventory;

  @BeforeEach
  void begin() {
    api.put(NAMESPACES, "{kind: Namespace, apiVersion: v1, metadata: {name: foo, uid: u-foo}}");
    api.put(
        NAMESPACES, "{kind: Namespace, apiVersion: v1, metadata: {name: istio-system, uid: u-is}}");
    config("istio", "{}");
    client = ApiClients.of(api.url());
    inventory = new ClusterInventory(client, Clock.systemUTC(), OPTIONS);
  }

  @AfterEach
  void end() {
    inventory.close();
    client.close();
    api.close();
  }

  /** Whatever a reader was not prepared for, the other objects of the kind are known. */
  @Test
  void containsAnObjectWhoseReadingDies() throws InterruptedException {
    pod("a");
    pod("b");
    pod("c");
    WatchedKind<Pod> kind =
        new WatchedKind<>(
            WatchedKinds.PODS.resource(),
            UnreadFields.POD,
            (reader, object) -> {
              if (object.path("metadata").path("name").asText().equals("b")) {
                throw new StackOverflowError();
              }
              return reader.pod(object);
            },
            WatchedKind.Shape.plain());
    KindFreshness source = new KindFreshness(kind);
    FactStore store = new FactStore();
    Thread reflector =
        Thread.ofVirtual()
            .start(
                new Reflector<>(
                    kind,
                    source,
                    new ApiReader(client, OPTIONS),
                    store,
                    Clock.systemUTC(),
                    OPTIONS));
    try {
      await().atMost(Duration.ofSeconds(30)).until(() -> store.keys(kind).size() == 3);
    } finally {
      reflector.interrupt();
      reflector.join();
    }
    assertEquals("", source.problem());
  }

  @Test
  void listsPageByPage() {
    for (int i = 0; i < 5; i++) {
      pod("pod-" + i);
    }

    begun();

    assertEquals(5, foo().pods().size());
    assertEquals(3, api.requests(PODS + "?limit=2"));
    assertEquals(2, api.requests(PODS + "?limit=2&continue="));
    assertEquals(0, api.requests("resourceVersion=0&"));
  }

  @Test
  void goesOnFromWhereItWasWhenWatchesAreCut() {
    pod("before");
    begun();
    long lists = api.requests(PODS + "?limit");

    api.cutWatches();
    pod("after");

    eventually(s -> names(s).equals(List.of("after", "before")));
    assertEquals(lists, api.requests(PODS + "?limit"));
  }

  static Stream<Arguments> waysToSayGone() {
    return Stream.of(
        argumentSet("by refusing the watch", 0),
        argumentSet("by an event of it", 410),
        argumentSet("by an event that it cannot send", 500));
  }

  @ParameterizedTest
  @MethodSource("waysToSayGone")
  void listsAnewWhenItsPlaceIsGone(int event) {
    pod("stays");
    pod("goes");
    begun();
    api.leave();

    api.delete(PODS, "foo/goes");
    pod("comes");
    api.compact(event);
    api.comeBack();

    eventually(s -> names(s).equals(List.of("comes", "stays")));
  }

  @Test
  void beginsTheListAgainWhenItsTokenExpires() {
    for (int i = 0; i < 5; i++) {
      pod("pod-" + i);
    }
    api.expireTokens(2);

    begun();

    assertEquals(5, foo().pods().size());
  }

  @Test
  void goesOnWithTheListFromThePageThatBrokeOff() {
    for (int i = 0; i < 5; i++) {
      pod("pod-" + i);
    }
    api.dropPages(2);

    begun();

    assertEquals(5, foo().pods().size());
    assertEquals(5, api.requests(PODS + "?limit=2"), () -> api.requests().toString());
    assertEquals(1, api.requests(PODS + "?limit=2") - api.requests(PODS + "?limit=2&continue="));
  }

  /** A connection that is closed takes down whatever somebody else has just asked on it. */
  @Test
  void keepsItsConnectionsWhateverTheServerAnswers() throws Exception {
    ApiReader reader = new ApiReader(client, OPTIONS);
    api.fault(PODS, Fault.UNKNOWN);
    for (int i = 0; i < 2_000; i++) {
      assertThrows(
          ApiRefusal.class, () -> reader.list("/" + PODS, "", UnreadFields.METADATA, object -> {}));
      reader.list("/" + NAMESPACES, "", UnreadFields.METADATA, object -> {});
    }

    assertTrue(api.connections() <= 2, () -> api.connections() + " connections");
  }

  @Test
  void keepsFactsAndTheirAgeWhileTheServerIsAway() {
    pod("web");
    begun();
    api.leave();
    eventually(s -> problem(s, "kubernetes/pods").contains("cannot be read"));
    Instant lost = inventory.snapshot().observedAt();

    await().during(Duration.ofSeconds(2)).until(() -> observedAt().equals(lost));

    assertEquals(List.of("web"), names(inventory.snapshot()));
    api.comeBack();
    eventually(s -> s.observedAt().isAfter(lost) && s.sources().stream().allMatch(this::healthy));
  }

  /** What has happened since the last watch comes first, and more of it may be on its way. */
  @Test
  void isNoFresherThanWhatItHasMissedUntilAllOfThatHasArrived() {
    ManualClock clock = standing(Duration.ofMinutes(1));
    begun();
    Instant lost = clock.instant();
    api.leave();
    eventually(s -> s.sources().stream().noneMatch(this::healthy));
    pod("one");
    pod("two");
    pod("three");
    clock.advance(Duration.ofMinutes(2));
    api.delay(2);
    api.comeBack();

    MeshSnapshot snapshot =
        eventually(
            s -> {
              clock.advance(POLL); // no faster than time, or the watch counts as silent
              return names(s).contains("two");
            });

    assertEquals(List.of("one", "two"), names(snapshot));
    assertFalse(snapshot.observedAt().isAfter(lost), () -> snapshot.observedAt() + " > " + lost);
    assertFalse(asOf(snapshot, "kubernetes/pods").isAfter(lost));
  }

  /** The server has ended the watch in time, long before that is read. */
  @Test
  void isNoFresherThanItsWatchWasLongWhenTheProcessStoodStill() {
    ManualClock clock = standing(Duration.ofSeconds(1));
    begun();
    Instant stood = clock.instant();
    long watches = api.requests(PODS + "?watch");

    clock.advance(Duration.ofMinutes(10));

    await().until(() -> api.requests(PODS + "?watch") > watches + 1);
    assertFalse(asOf(inventory.snapshot(), "kubernetes/pods").isAfter(stood));
  }

  private ManualClock standing(Duration watchPeriod) {
    ManualClock clock = new ManualClock(Instant.now());
    inventory.close();
    inventory =
        new ClusterInventory(
            client,
            clock,
            new InventoryOptions(
                "istio-system", "cluster.local", 2, watchPeriod, List.of("kubectl")));
    return clock;
  }

  @Test
  void noticesWatchesThatHang() {
    begun();
    api.fault(PODS, Fault.SILENT);

    eventually(s -> problem(s, "kubernetes/pods").contains("silent"));

    pod("meanwhile");
    api.mend(PODS);
    eventually(s -> names(s).equals(List.of("meanwhile")));
  }

  @Test
  void doesNotTakeHalfAListForAWholeOne() {
    pod("web");
    api.fault(PODS, Fault.CUT_OFF);
    inventory.start();

    eventually(s -> problem(s, "kubernetes/pods").contains("cannot be read"));

    assertEquals(Instant.EPOCH, observedAt());
    api.mend(PODS);
    eventually(s -> s.observedAt().isAfter(Instant.EPOCH));
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        argumentSet(
            "no permission", Fault.FORBIDDEN, "grant the verbs get, list and watch on it by a Cl"),
        argumentSet("no CRD", Fault.UNKNOWN, "install Istio's CRDs"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void neverTakesARefusalForAbsence(Fault refusal, String remedy) {
    policy(POLICIES, "STRICT");
    api.fault(POLICIES, refusal);
    api.fault(OLD_POLICIES, refusal);
    inventory.start();

    MeshSnapshot snapshot = eventually(s -> s.namespace("foo") != null);

    assertEquals(Instant.EPOCH, snapshot.observedAt());
    assertTrue(problem(snapshot, "kubernetes/peerauthentications").contains(remedy));
    Finding finding = Hazards.of(MeshModes.resolve(snapshot), "foo").get(0);
    assertEquals(HazardCode.UNREADABLE_OBJECT, finding.code());
    assertEquals(Severity.BLOCKER, finding.severity());
    assertTrue(finding.message().contains(remedy), finding.message());
    api.mend(POLICIES);
    eventually(s -> mode(s) == MtlsMode.STRICT && s.observedAt().isAfter(Instant.EPOCH));
    assertEquals(List.of(), Hazards.of(MeshModes.resolve(inventory.snapshot()), "foo"));
  }

  @Test
  void keepsWhatItKnewWhenAPermissionIsTakenAway() {
    policy(POLICIES, "STRICT");
    begun();
    api.fault(POLICIES, Fault.FORBIDDEN);
    api.cutWatches();

    MeshSnapshot snapshot = eventually(s -> !s.namespace("istio-system").unreadable().isEmpty());

    assertEquals(MtlsMode.STRICT, mode(snapshot));
    Instant lost = snapshot.observedAt();
    await().during(Duration.ofSeconds(2)).until(() -> observedAt().equals(lost));
  }

  @Test
  void readsAnOlderVersionWhereThatIsWhatIsServed() {
    api.fault(POLICIES, Fault.UNKNOWN);
    policy(OLD_POLICIES, "STRICT");

    begun();

    assertEquals(MtlsMode.STRICT, mode(inventory.snapshot()));
  }

  @Test
  void takesAKindThatNobodyHasToInstallForNone() {
    routesAre(Fault.UNKNOWN);

    begun();

    assertEquals(List.of(), foo().others());
    assertEquals("", problem(inventory.snapshot(), "kubernetes/httproutes"));
    assertEquals(List.of(), Hazards.of(MeshModes.resolve(inventory.snapshot()), "foo"));
  }

  @Test
  void readsAKindThatIsInstalledLater() {
    routesAre(Fault.UNKNOWN);
    begun();
    route();

    api.mend(ROUTES);

    eventually(s -> s.namespace("foo").others().size() == 1);
  }

  @Test
  void forgetsAKindThatIsUninstalled() {
    route();
    begun();
    assertEquals(1, foo().others().size());

    routesAre(Fault.UNKNOWN);
    api.cutWatches();

    eventually(s -> s.namespace("foo").others().isEmpty());
    assertTrue(observedAt().isAfter(Instant.EPOCH));
  }

  @Test
  void doesNotTakeAKindThatItMayNotReadForOneThatIsNotInstalled() {
    routesAre(Fault.FORBIDDEN);
    inventory.start();

    MeshSnapshot snapshot = eventually(s -> s.namespace("foo") != null);

    assertEquals(Instant.EPOCH, snapshot.observedAt());
    Finding finding = Hazards.of(MeshModes.resolve(snapshot), "foo").get(0);
    assertEquals(HazardCode.UNREADABLE_OBJECT, finding.code());
    assertEquals(Severity.BLOCKER, finding.severity());
    assertTrue(finding.message().contains("httproutes.gateway.networking.k8s.io"));
  }

  @Test
  void keepsWhatIsInNoNamespaceApart() {
    api.put(
        WEBHOOKS,
        """
        {kind: ValidatingWebhookConfiguration, apiVersion: admissionregistration.k8s.io/v1,
         metadata: {name: foo},
         webhooks: [{clientConfig: {service: {namespace: foo, name: s}}}]}
        """);
    begun();
    NamespaceFacts before = foo();
    assertEquals(List.of(), before.others());
    assertEquals(1, inventory.snapshot().clusterObjects().size());
    assertEquals(Set.of("foo", "istio-system"), inventory.snapshot().namespaces().keySet());

    api.delete(WEBHOOKS, "/foo");

    MeshSnapshot after = eventually(s -> s.clusterObjects().isEmpty());
    assertSame(before, after.namespace("foo"));
  }

  @Test
  void holdsWhatIsInNoNamespaceAndCannotBeReadForTheRoot() {
    api.put(
        WEBHOOKS,
        """
        {kind: ValidatingWebhookConfiguration, apiVersion: admissionregistration.k8s.io/v1,
         metadata: {name: w}, webhooks: [{clientConfig: {service: {name: s}}}]}
        """);

    begun();

    assertEquals(
        "w", inventory.snapshot().namespace("istio-system").unreadable().get(0).ref().name());
    assertEquals(
        HazardCode.UNREADABLE_OBJECT,
        Hazards.of(MeshModes.resolve(inventory.snapshot()), "foo").get(0).code());
  }

  private void routesAre(Fault fault) {
    api.fault(ROUTES, fault);
    api.fault(OLD_ROUTES, fault);
  }

  private void route() {
    api.put(
        ROUTES,
        """
        {kind: HTTPRoute, apiVersion: gateway.networking.k8s.io/v1,
         metadata: {name: r, namespace: foo}}
        """);
  }

  @Test
  void triesAgainWhatTheServerHasNoTimeFor() {
    api.fault(PODS, Fault.OVERLOADED);
    inventory.start();
    eventually(s -> problem(s, "kubernetes/pods").contains("429: too many requests"));

    api.mend(PODS);

    eventually(s -> s.observedAt().isAfter(Instant.EPOCH));
  }

  @Test
  void holdsWithoutAMeshConfiguration() {
    api.delete(CONFIG_MAPS, "istio-system/istio");
    inventory.start();

    MeshSnapshot snapshot = eventually(s -> s.namespace("foo") != null);

    assertEquals(Instant.EPOCH, snapshot.observedAt());
    assertTrue(problem(snapshot, "kubernetes/configmaps").contains("no ConfigMap istio"));
    assertFalse(Hazards.of(MeshModes.resolve(snapshot), "foo").isEmpty());
  }

  @Test
  void takesTheDefaultRevisionAndTellsWhichOthersDiffer() {
    config("istio-canary", "{enableAutoMtls: false}");
    config("istio-stable", "{}");
    config("istio-sidecar-injector", null);

    begun();

    MeshSnapshot snapshot = inventory.snapshot();
    assertTrue(snapshot.settings().autoMtls());
    String problem = problem(snapshot, "kubernetes/configmaps");
    assertTrue(problem.endsWith("policy): istio-canary."), problem);
    assertTrue(snapshot.observedAt().isAfter(Instant.EPOCH));
  }

  @Test
  void keepsTheLastSettingsWhenTheConfigurationCannotBeUnderstood() {
    config("istio", "{trustDomain: example.org}");
    begun();

    config("istio", "{trustDomain: [}");

    MeshSnapshot snapshot = eventually(s -> !s.namespace("istio-system").unreadable().isEmpty());
    assertEquals("example.org", snapshot.settings().trustDomain());
    assertEquals(
        HazardCode.UNREADABLE_OBJECT, Hazards.of(MeshModes.resolve(snapshot), "foo").get(0).code());
  }

  /** It decides for every namespace, also where the root namespace is not the one that it is in. */
  @ParameterizedTest
  @ValueSource(strings = {"{rootNamespace: mesh-root}", "{}"})
  void holdsEveryNamespaceWhenAConfigurationCannotBeUnderstood(String before) {
    config("istio", before);
    config("istio-canary", "{rootNamespace: mesh-root}");
    begun();
    assertEquals(List.of(), Hazards.of(MeshModes.resolve(inventory.snapshot()), "foo"));

    MeshSettings settings = inventory.snapshot().settings();

    config("istio", "{trustDomain: [}");

    MeshSnapshot snapshot =
        eventually(
            s ->
                Hazards.of(MeshModes.resolve(s), "foo").stream()
                    .anyMatch(found -> found.subject().name().equals("istio")));
    assertEquals(settings, snapshot.settings());
  }

  @Test
  void knowsThatNothingHappenedWhereNothingHappens() {
    begun();
    Instant first = observedAt();

    MeshSnapshot later = eventually(s -> s.observedAt().isAfter(first.plusSeconds(3)));

    assertTrue(later.sharesFacts(inventory.snapshot()));
    assertEquals(1, api.requests(PODS + "?limit"));
  }

  @Test
  void isTheSameSnapshotWhileNothingIsNew() {
    begun();
    inventory.close();
    MeshSnapshot last = eventually(s -> s.equals(inventory.snapshot()));

    assertSame(last, inventory.snapshot());
  }

  /** Which clients use mutual TLS, and which namespace is the root, each pod's own istiod says. */
  @Test
  void holdsWhileRevisionsThatPodsBelongToContradictEachOther() {
    config("istio-canary", "{enableAutoMtls: false}");
    api.put(
        PODS,
        """
        {kind: Pod, apiVersion: v1,
         metadata: {name: bare, namespace: foo, annotations: {istio.io/rev: canary}},
         spec: {containers: [{name: app}]}}
        """);
    begun();
    String bare = Hazards.of(MeshModes.resolve(inventory.snapshot()), "foo").toString();
    assertFalse(bare.contains("istio-canary"), bare);

    api.put(
        PODS,
        """
        {kind: Pod, apiVersion: v1,
         metadata: {name: young, namespace: foo,
           annotations: {istio.io/rev: canary, sidecar.istio.io/status: injected}},
         spec: {containers: [{name: app}, {name: istio-proxy, args: [proxy, sidecar]}]}}
        """);

    // Whoever may annotate a pod can do that: it is named.
    eventually(
        s -> Hazards.of(MeshModes.resolve(s), "foo").toString().contains("such as foo/young"));

    config("istio-canary", "{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}");
    eventually(s -> !Hazards.of(MeshModes.resolve(s), "foo").toString().contains("istio-canary"));
  }

  /** Ambient pods have no annotation of a revision: they are governed by their ztunnel's istiod. */
  @Test
  void holdsWhileTheRevisionOfZtunnelContradictsAnother() {
    config("istio-canary", "{rootNamespace: mesh-root}");
    api.put(
        PODS,
        """
        {kind: Pod, apiVersion: v1,
         metadata: {name: ztunnel-x, namespace: foo, labels: {app: ztunnel},
           annotations: {istio.io/rev: canary}},
         spec: {containers: [{name: istio-proxy, args: [proxy, ztunnel]}]}}
        """);

    begun();

    eventually(
        s -> Hazards.of(MeshModes.resolve(s), "foo").toString().contains("such as foo/ztunnel-x"));
  }

  private void begun() {
    inventory.start();
    eventually(s -> s.observedAt().isAfter(Instant.EPOCH));
  }

  private void pod(String name) {
    api.put(
        PODS,
        """
        {kind: Pod, apiVersion: v1, metadata: {name: %s, namespace: foo},
         spec: {containers: [{name: app}]}}
        """
            .formatted(name));
  }

  private void policy(String collection, String mode) {
    String group = collection.substring("apis/".length(), collection.lastIndexOf('/'));
    api.put(
        collection,
        """
        {kind: PeerAuthentication, apiVersion: %s, metadata: {name: default, namespace: foo},
         spec: {mtls: {mode: %s}}}
        """
            .formatted(group, mode));
  }

  private void config(String name, String mesh) {
    api.put(
        CONFIG_MAPS,
        """
        {kind: ConfigMap, apiVersion: v1, metadata: {name: %s, namespace: istio-system},
         data: {%s: "%s"}}
        """
            .formatted(name, mesh == null ? "config" : "mesh", mesh));
  }

  private NamespaceFacts foo() {
    return inventory.snapshot().namespace("foo");
  }

  private Instant observedAt() {
    return inventory.snapshot().observedAt();
  }

  private boolean healthy(SourceHealth source) {
    return source.problem().isEmpty();
  }

  private static List<String> names(MeshSnapshot snapshot) {
    return snapshot.namespace("foo").pods().stream().map(p -> p.name()).toList();
  }

  private static MtlsMode mode(MeshSnapshot snapshot) {
    return snapshot.namespace("foo").peerAuthentications().stream()
        .map(p -> p.spec().mode())
        .findFirst()
        .orElse(MtlsMode.UNSET);
  }

  private static String problem(MeshSnapshot snapshot, String source) {
    return snapshot.sources().stream()
        .filter(s -> s.source().equals(source))
        .map(SourceHealth::problem)
        .findFirst()
        .orElseThrow();
  }

  private static Instant asOf(MeshSnapshot snapshot, String source) {
    return snapshot.sources().stream()
        .filter(s -> s.source().equals(source))
        .map(SourceHealth::asOf)
        .findFirst()
        .orElseThrow();
  }

  private MeshSnapshot eventually(Predicate<MeshSnapshot> condition) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(POLL)
        .until(inventory::snapshot, condition);
  }
}
