// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import static io.mtlsmigration.kubernetes.istiod.StandInIstiod.ADDRESSES;
import static io.mtlsmigration.kubernetes.istiod.StandInIstiod.CLUSTERS;
import static io.mtlsmigration.kubernetes.istiod.StandInIstiod.LISTENERS;
import static io.mtlsmigration.kubernetes.istiod.StandInIstiod.nonce;
import static io.mtlsmigration.kubernetes.istiod.StandInIstiod.sidecar;
import static io.mtlsmigration.kubernetes.istiod.StandInIstiod.ztunnel;
import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.kubernetes.forward.PodPort;
import io.mtlsmigration.kubernetes.istiod.StandInIstiod.ProxyEntry;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.rollout.ProxySync.Status;
import io.mtlsmigration.testing.ManualClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What istiods show over real sockets, and what follows for a namespace. */
final class IstiodSyncTest {

  private static final Instant NOW = Instant.parse("2026-08-27T12:00:00Z");
  private static final Instant LONG_AGO = NOW.minus(Duration.ofHours(1));
  private static final Status SYNCED = new Status.Synced();

  private final ManualClock clock = new ManualClock(NOW);
  private final StandInIstiod one = new StandInIstiod().at(NOW);
  private final StandInIstiod two = new StandInIstiod().at(NOW);
  private IstiodOptions options =
      new IstiodOptions(
          "istio-system",
          Optional.empty(),
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          Duration.ofSeconds(15),
          1 << 20);
  private volatile MeshSnapshot facts = mesh();
  private IstiodSync sync = sync(clock);

  private IstiodSync sync(Clock ticking) {
    return new IstiodSync(
        StandInIstiod.ports(Map.of("istiod-1", one, "istiod-2", two)),
        () -> facts,
        ticking,
        options,
        "istio-system");
  }

  @AfterEach
  void close() {
    sync.close();
    one.close();
    two.close();
  }

  private static NamespaceBuilder istiods(String... names) {
    NamespaceBuilder istio = namespace("istio-system");
    for (String name : names) {
      istio.with(pod(name).of("Deployment", "istiod").ip("10.0.9.9"));
    }
    return istio;
  }

  private static NamespaceBuilder foo(String... pods) {
    NamespaceBuilder foo = namespace("foo");
    for (String name : pods) {
      foo.with(sidecarPod(name).ip("10.0.0.1"));
    }
    return foo;
  }

  private Status status() throws InterruptedException {
    sync.read();
    return sync.of("foo");
  }

  private String unknown() throws InterruptedException {
    return assertInstanceOf(Status.Unknown.class, status()).detail();
  }

  private static Status lagging(String... proxies) {
    return new Status.Lagging(List.of(proxies));
  }

  private static void has(String text, String part) {
    assertTrue(text.contains(part), text);
  }

  @Test
  void isSyncedWhenEveryProxyFollowsAnyIstiod() throws Exception {
    facts = mesh(istiods("istiod-1", "istiod-2"), foo("a", "b.c"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    two.shows(sidecar("b.c", "foo").follows(LISTENERS, LONG_AGO));

    assertEquals(SYNCED, status());
  }

  @Test
  void readsOnAfterAReadingThatDied() {
    facts = mesh(istiods("istiod-1", "istiod-2"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    AtomicBoolean dies = new AtomicBoolean(true);
    sync =
        new IstiodSync(
            StandInIstiod.ports(Map.of("istiod-1", one, "istiod-2", two)),
            () -> {
              if (Thread.currentThread().getName().equals("istiod-sync") && dies.getAndSet(false)) {
                throw new StackOverflowError();
              }
              return facts;
            },
            clock,
            options,
            "istio-system");
    sync.start();

    await().until(() -> sync.of("foo").equals(SYNCED));
    assertFalse(dies.get());
  }

  /** As that of a machine that had been suspended. */
  @Test
  void readsOnAfterAReadingInWhichTheClockWasSetAhead() {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    AtomicBoolean leaps = new AtomicBoolean(true);
    sync =
        new IstiodSync(
            StandInIstiod.ports(Map.of("istiod-1", one)),
            () -> {
              if (Thread.currentThread().getName().equals("istiod-sync")
                  && leaps.getAndSet(false)) {
                clock.advance(Duration.ofHours(8));
                one.at(clock.instant());
              }
              return facts;
            },
            clock,
            options,
            "istio-system");
    sync.start();

    await().until(() -> sync.of("foo").equals(SYNCED));
    assertFalse(leaps.get());
    int asked = one.asked();
    await()
        .until(
            () -> {
              sync.of("foo");
              return one.asked() > asked;
            });
  }

  /** Whoever asks is the control loop, which waited for as long as the clock had to catch up. */
  @Test
  void isNotWaitedForLongerBecauseTheClockWasSetBack() {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    PodPort port = StandInIstiod.ports(Map.of("istiod-1", one));
    sync =
        new IstiodSync(
            (pod, number, request) -> {
              clock.advance(Duration.ofSeconds(20)); // longer than its answer counts
              return port.send(pod, number, request);
            },
            () -> facts,
            clock,
            options,
            "istio-system");
    sync.start();
    sync.of("foo");
    clock.advance(Duration.ofHours(-2));

    assertTimeoutPreemptively(Duration.ofSeconds(10), () -> sync.of("foo"));
  }

  @Test
  void namesPodsThatOnlyLookAsIfTheyHadASidecar() throws Exception {
    facts = mesh(istiods("istiod-1", "istiod-2"), foo("a", "fake"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    sync.read();

    assertEquals(Set.of("foo/fake"), sync.strangers("foo"));
  }

  @Test
  void forgetsNoProxyThatIsAwayForAWhile() throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    sync.read();
    one.shows();
    clock.advance(Duration.ofMinutes(1));
    sync.read();

    assertEquals(Set.of(), sync.strangers("foo"));
  }

  @Test
  void namesNobodyWhileAnIstiodCannotBeAsked() throws Exception {
    facts = mesh(istiods("istiod-1", "istiod-9"), foo("fake"));
    sync.read();

    assertEquals(Set.of(), sync.strangers("foo"));
  }

  static Stream<Arguments> proxiesThatLag() {
    String old = nonce(LONG_AGO);
    String fresh = nonce(NOW);
    return Stream.of(
        argumentSet("stale", sidecar("a", "foo").type(LISTENERS, fresh, old, "")),
        argumentSet("never acknowledged", sidecar("a", "foo").type(LISTENERS, fresh, "", "")),
        argumentSet("not sent", sidecar("a", "foo").type(LISTENERS, "", "", "")),
        argumentSet("rejected", sidecar("a", "foo").type(LISTENERS, fresh, old, "bad filter")),
        argumentSet(
            "rejected and sent again", sidecar("a", "foo").type(LISTENERS, old, old, "bad filter")),
        argumentSet("no listeners yet", sidecar("a", "foo").follows(CLUSTERS, NOW)),
        argumentSet("nothing asked for", sidecar("a", "foo")),
        argumentSet("stale, of old", sidecar("a", "foo").flat(fresh, old)),
        argumentSet("not acknowledged, of old", sidecar("a", "foo").flat(fresh, "")),
        argumentSet("another pod", sidecar("a-2", "foo").follows(LISTENERS, NOW)),
        argumentSet("another namespace", sidecar("a", "bar").follows(LISTENERS, NOW)));
  }

  @ParameterizedTest
  @MethodSource("proxiesThatLag")
  void namesTheProxiesThatLag(ProxyEntry shown) throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a", "b"));
    one.shows(shown, sidecar("b", "foo").follows(LISTENERS, LONG_AGO));

    assertEquals(lagging("foo/a"), status());
  }

  static Stream<Arguments> proxiesThatFollow() {
    String fresh = nonce(NOW);
    return Stream.of(
        argumentSet(
            "endpoints are on their way",
            sidecar("a", "foo")
                .follows(LISTENERS, LONG_AGO)
                .type(CLUSTERS, fresh, nonce(LONG_AGO), "")),
        argumentSet("of old", sidecar("a", "foo").flat(fresh, fresh)));
  }

  @ParameterizedTest
  @MethodSource("proxiesThatFollow")
  void looksAtListenersAlone(ProxyEntry shown) throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(shown);

    assertEquals(SYNCED, status());
  }

  @Test
  void needsBothConnectionsOfAProxyThatMoves() throws Exception {
    facts = mesh(istiods("istiod-1", "istiod-2"), foo("a"));
    one.shows(sidecar("a", "foo").type(LISTENERS, nonce(NOW), nonce(LONG_AGO), ""));
    two.shows(
        sidecar("a", "foo"), // has asked for nothing yet: does not count
        sidecar("a", "foo").follows(LISTENERS, NOW));

    assertEquals(lagging("foo/a"), status());
  }

  @Test
  void isUnknownWhenAnIstiodThatMayHaveAProxyCannotBeAsked() throws Exception {
    facts = mesh(istiods("istiod-1", "istiod-3"), foo("a", "b"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));

    String detail = unknown();

    has(detail, "foo/b may be connected to istiod istio-system/istiod-3");
    has(detail, "connection refused");
  }

  @Test
  void isSyncedWhenTheIstiodsThatAnswerShowEveryProxy() throws Exception {
    facts = mesh(istiods("istiod-1", "istiod-3"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));

    assertEquals(SYNCED, status());
  }

  @Test
  void asksAllIstiodsThatRunReadyOrNot() throws Exception {
    facts =
        mesh(
            namespace("istio-system")
                .with(pod("istiod-1").of("Deployment", "istiod").ip("10.0.9.9").notReady())
                .with(pod("istiod-3").of("Deployment", "istiod").ip("10.0.9.9").terminated())
                .with(pod("istiod-4").of("Deployment", "istiod")), // not started
            foo("a", "b"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));

    assertEquals(lagging("foo/b"), status());
    assertEquals(1, one.asked());
  }

  @Test
  void isUnknownWithoutIstiod() throws Exception {
    facts = mesh(namespace("istio-system"), foo("a"));

    has(unknown(), "no pod with the label app=istiod runs in the namespace istio-system");
  }

  @Test
  void doesNotWaitForProxiesThatHaveNotStarted() throws Exception {
    facts =
        mesh(
            istiods("istiod-1"),
            namespace("foo")
                .with(sidecarPod("without-address"))
                .with(sidecarPod("done").ip("10.0.0.1").terminated())
                .with(
                    sidecarPod("begins").ip("10.0.0.2").createdAt(NOW.minusSeconds(30)).notReady())
                .with(gatewayPod("gateway").ip("10.0.0.3"))
                .with(pod("plain").ip("10.0.0.4")));

    assertEquals(SYNCED, status());
  }

  /** It is not ready for a reason of its application, and takes what it took days ago. */
  @Test
  void waitsForAProxyThatIstiodHasLost() throws Exception {
    facts =
        mesh(
            istiods("istiod-1"),
            namespace("foo")
                .with(sidecarPod("lost").ip("10.0.0.2").createdAt(LONG_AGO).notReady()));

    assertEquals(lagging("foo/lost"), status());
  }

  /** An init container before it fails for days. */
  @Test
  void doesNotWaitForAProxyThatHasNeverRun() throws Exception {
    facts = stuck(sidecarPod("stuck").proxyUnstarted());
    assertEquals(SYNCED, status());

    facts = stuck(sidecarPod("stuck").notReady().proxyRestarts(1));
    assertEquals(lagging("foo/stuck"), status());
  }

  /** Its node may be cut off, and tell no news of it. */
  @Test
  void judgesAProxyThatIsSaidNeverToHaveRunByWhatIsShown() throws Exception {
    facts = stuck(sidecarPod("stuck").proxyUnstarted());
    one.shows(sidecar("stuck", "foo").type(LISTENERS, nonce(NOW), nonce(LONG_AGO), ""));

    assertEquals(lagging("foo/stuck"), status());
  }

  private static MeshSnapshot stuck(PodBuilder pod) {
    return mesh(istiods("istiod-1"), namespace("foo").with(pod.ip("10.0.0.2").createdAt(LONG_AGO)));
  }

  @Test
  void judgesPodsThatAreNotReadyByWhatIsShown() throws Exception {
    facts =
        mesh(istiods("istiod-1"), namespace("foo").with(sidecarPod("a").ip("10.0.0.2").notReady()));
    one.shows(sidecar("a", "foo").type(LISTENERS, nonce(NOW), nonce(LONG_AGO), ""));

    assertEquals(lagging("foo/a"), status());
  }

  @Test
  void takesAPodThatHasJustBecomeReadyForSynced() throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    sync.read();

    facts =
        mesh(
            istiods("istiod-1"),
            foo("a").with(sidecarPod("young").ip("10.0.0.2").createdAt(NOW.minusSeconds(30))));

    assertEquals(SYNCED, sync.of("foo"));
    assertEquals(lagging("foo/young"), status());
  }

  @Test
  void asksNobodyForANamespaceWithoutCapturedPods() {
    facts = mesh(istiods("istiod-1"), namespace("foo").with(pod("a").ip("10.0.0.1")));
    sync.start();

    assertEquals(SYNCED, sync.of("foo"));
    assertEquals(SYNCED, sync.of("nowhere"));
    assertEquals(0, one.asked());
  }

  @Test
  void isUnknownWhileTheClusterHasNotBeenRead() throws Exception {
    facts = mesh().observed(Instant.EPOCH, List.of());

    has(unknown(), "which pods there are");
  }

  @Test
  void judgesAmbientPodsByTheirNodesZtunnel() throws Exception {
    ObjectRef ztunnel = new ObjectRef("Pod", "istio-system", "ztunnel-x");
    facts =
        mesh(
            istiods("istiod-1").with(pod("ztunnel-x").ip("10.0.9.1")),
            namespace("foo").with(ambientPod("a").ip("10.0.0.1")));

    one.shows();
    assertEquals(lagging("foo/a"), status());

    one.shows(ztunnel(ztunnel).type(ADDRESSES, nonce(NOW), "", ""));
    assertEquals(lagging("foo/a"), status());

    one.shows(ztunnel(ztunnel).follows(ADDRESSES, LONG_AGO).type("other", "", "", ""));
    assertEquals(SYNCED, status());
  }

  private static NamespaceBuilder ztunnels(NamespaceBuilder istio, String... names) {
    for (String name : names) {
      istio.with(pod(name).of("DaemonSet", "ztunnel").ip("10.0.9.1"));
    }
    return istio;
  }

  /** While one is being replaced, both handle connections. */
  @Test
  void theOldZtunnelDoesNotSpeakForTheOneThatReplacesIt() throws Exception {
    NamespaceBuilder foo = namespace("foo").with(ambientPod("a").ip("10.0.0.1"));
    ObjectRef old = new ObjectRef("Pod", "istio-system", "ztunnel-x");
    facts = mesh(ztunnels(istiods("istiod-1", "istiod-9"), "ztunnel-x", "ztunnel-y"), foo);
    one.shows(ztunnel(old).follows(ADDRESSES, NOW));

    has(unknown(), "foo/a may be connected to istiod istio-system/istiod-9");

    facts = mesh(ztunnels(istiods("istiod-1"), "ztunnel-x", "ztunnel-y"), foo);
    assertEquals(lagging("foo/a"), status());
  }

  @Test
  void isNotHeldByAZtunnelThatHasYetToStart() throws Exception {
    facts =
        mesh(
            ztunnels(istiods("istiod-1"), "ztunnel-x")
                .with(pod("ztunnel-y").of("DaemonSet", "ztunnel").ip("10.0.9.1").notReady()),
            namespace("foo").with(ambientPod("a").ip("10.0.0.1")));
    one.shows(
        ztunnel(new ObjectRef("Pod", "istio-system", "ztunnel-x")).follows(ADDRESSES, LONG_AGO));

    assertEquals(SYNCED, status());
  }

  @Test
  void aZtunnelThatIsGoneDoesNotSpeakForTheOneInItsPlace() throws Exception {
    NamespaceBuilder foo = namespace("foo").with(ambientPod("a").ip("10.0.0.1"));
    facts = mesh(ztunnels(istiods("istiod-1", "istiod-9"), "ztunnel-x"), foo);
    one.shows(
        ztunnel(new ObjectRef("Pod", "istio-system", "ztunnel-x")).follows(ADDRESSES, LONG_AGO));
    assertEquals(SYNCED, status());

    clock.advance(Duration.ofSeconds(5));
    facts = mesh(ztunnels(istiods("istiod-1", "istiod-9"), "ztunnel-y"), foo);
    one.shows();

    has(unknown(), "foo/a may be connected to istiod istio-system/istiod-9");
  }

  /** Any pod may connect to istiod, and call itself a ztunnel. */
  @Test
  void noPodElsewhereSpeaksForItsNodesZtunnel() throws Exception {
    ObjectRef ztunnel = new ObjectRef("Pod", "istio-system", "ztunnel-x");
    ObjectRef fake = new ObjectRef("Pod", "tenant", "ztunnel-y");
    facts =
        mesh(
            istiods("istiod-1").with(pod("ztunnel-x").ip("10.0.9.1")),
            namespace("foo").with(ambientPod("a").ip("10.0.0.1")),
            namespace("tenant").with(pod("ztunnel-y").of("DaemonSet", "ztunnel").ip("10.0.0.2")));

    one.shows(ztunnel(fake).follows(ADDRESSES, NOW));
    assertEquals(lagging("foo/a"), status());

    one.shows(
        ztunnel(fake).type(ADDRESSES, nonce(NOW), "", ""),
        ztunnel(ztunnel).follows(ADDRESSES, NOW));
    assertEquals(SYNCED, status());
  }

  @Test
  void isUnknownWhereAnOldIstiodHasZtunnels() throws Exception {
    facts =
        mesh(
            istiods("istiod-1").with(pod("ztunnel-x").ip("10.0.9.1")),
            namespace("foo").with(ambientPod("a").ip("10.0.0.1")));
    one.shows(ztunnel(new ObjectRef("Pod", "istio-system", "ztunnel-x")));

    has(unknown(), "does not show what ztunnels acknowledge");
  }

  @Test
  void countsThatAProxyFollowedForAWhile() throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    sync.read();

    one.shows(); // on its way to another istiod
    clock.advance(Duration.ofSeconds(10));
    assertEquals(SYNCED, status());

    one.shows(sidecar("a", "foo").type(LISTENERS, nonce(NOW), "", ""));
    clock.advance(Duration.ofSeconds(5));
    assertEquals(SYNCED, status());

    clock.advance(Duration.ofSeconds(1));
    assertEquals(lagging("foo/a"), status());
  }

  /** A StatefulSet's pod has the name of the one before it. */
  private NamespaceBuilder fooMadeAnew() {
    return namespace("foo")
        .with(sidecarPod("a").uid("second").ip("10.0.0.2").createdAt(clock.instant()));
  }

  @Test
  void aPodMadeAnewHasNotFollowedWhatTheOneBeforeItDid() throws Exception {
    facts = mesh(istiods("istiod-1", "istiod-2"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    sync.read();

    clock.advance(Duration.ofSeconds(1));
    facts = mesh(istiods("istiod-1", "istiod-2"), fooMadeAnew());
    clock.advance(Duration.ofSeconds(3));
    one.shows();
    two.shows(sidecar("a", "foo").type(LISTENERS, nonce(NOW), "", ""));

    assertEquals(lagging("foo/a"), status());
  }

  @Test
  void aPodMadeAnewMayBeConnectedToAnIstiodThatCannotBeAsked() throws Exception {
    facts = mesh(istiods("istiod-1", "istiod-9"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    sync.read();

    clock.advance(Duration.ofSeconds(1));
    facts = mesh(istiods("istiod-1", "istiod-9"), fooMadeAnew());
    clock.advance(Duration.ofSeconds(3));
    one.shows();

    has(unknown(), "foo/a");
  }

  @Test
  void aPodMadeAnewIsNotWaitedForBeforeItWasAskedAbout() throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(sidecar("a", "foo").type(LISTENERS, nonce(NOW), "", ""));
    sync.read();
    clock.advance(Duration.ofSeconds(1));
    facts = mesh(istiods("istiod-1"), fooMadeAnew());

    assertEquals(SYNCED, sync.of("foo"));
  }

  @Test
  void namesAPodMadeAnewThatOnlyLooksAsIfItHadTheSidecarOfTheOneBeforeIt() throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    sync.read();
    clock.advance(Duration.ofSeconds(1));
    facts = mesh(istiods("istiod-1"), fooMadeAnew());
    one.shows();
    sync.read();
    clock.advance(Duration.ofMinutes(6));
    sync.read();

    assertEquals(Set.of("foo/a"), sync.strangers("foo"));
  }

  @Test
  void isUnknownWhenTheLastReadingIsOld() throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    sync.read();
    clock.advance(Duration.ofSeconds(16));

    Status status = sync.of("foo");

    has(assertInstanceOf(Status.Unknown.class, status).detail(), "last asked at " + NOW);
  }

  /** The policy's namespace, and how far istiod's clock is ahead. */
  static Stream<Arguments> changes() {
    return Stream.of(
        argumentSet("in the namespace", "foo", Duration.ZERO),
        argumentSet("in the root namespace", "istio-system", Duration.ZERO),
        argumentSet("by a clock that is ahead", "foo", Duration.ofMinutes(10)),
        argumentSet("by a clock that is behind", "foo", Duration.ofMinutes(-10)),
        argumentSet("the dry run of STRICT", "dry run", Duration.ZERO));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void followsAChangeOfPolicyOnlyWithListenersOfLater(String where, Duration ahead)
      throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.at(NOW.plus(ahead))
        .shows(sidecar("a", "foo").follows(LISTENERS, NOW.plus(ahead).minusSeconds(20)));
    assertEquals(SYNCED, status());

    clock.advance(Duration.ofSeconds(5));
    NamespaceBuilder istio = istiods("istiod-1");
    NamespaceBuilder foo = foo("a");
    if (where.equals("dry run")) {
      foo.with(ns -> new DryRunPolicy(ns, Set.of()).shown(""));
    } else {
      (where.equals("foo") ? foo : istio).with(policy("default", MtlsMode.STRICT));
    }
    facts = mesh(istio, foo).observed(NOW, List.of());
    Status before = sync.of("foo");
    one.at(clock.instant().plus(ahead));
    Status unsent = status();
    one.shows(
        sidecar("a", "foo")
            .type(
                LISTENERS,
                nonce(clock.instant().plus(ahead)),
                nonce(NOW.plus(ahead).minusSeconds(20)),
                ""));
    Status sent = status();
    one.shows(sidecar("a", "foo").follows(LISTENERS, clock.instant().plus(ahead)));

    has(assertInstanceOf(Status.Unknown.class, before).detail(), "before the policies changed");
    assertEquals(lagging("foo/a"), unsent);
    assertEquals(lagging("foo/a"), sent);
    assertEquals(SYNCED, status());
  }

  @Test
  void doesNotCountThatAProxyFollowedBeforeAChangeOfPolicy() throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, NOW));
    assertEquals(SYNCED, status());

    clock.advance(Duration.ofSeconds(1));
    facts = mesh(istiods("istiod-1"), foo("a").with(policy("default", MtlsMode.STRICT)));
    one.shows(); // on its way to another istiod

    assertEquals(lagging("foo/a"), status());
  }

  /** Ours was ahead by ten minutes, and istiod's is right. */
  @Test
  void doesNotCountWhatWasReadBeforeOurClockWasSetBack() throws Exception {
    Instant right = NOW.minus(Duration.ofMinutes(10));
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.at(right).shows(sidecar("a", "foo").follows(LISTENERS, right.minusSeconds(20)));
    assertEquals(SYNCED, status());

    clock.set(right.plusSeconds(5));
    one.at(clock.instant());
    assertEquals(SYNCED, status());
    clock.advance(Duration.ofSeconds(5));
    one.at(clock.instant());
    facts = mesh(istiods("istiod-1"), foo("a").with(policy("default", MtlsMode.STRICT)));
    Status unsent = status();
    one.shows(sidecar("a", "foo").follows(LISTENERS, clock.instant()));

    assertEquals(lagging("foo/a"), unsent);
    assertEquals(SYNCED, status());
  }

  @Test
  void doesNotCountAReadingFromBeforeOurClockWasSetBack() throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    assertEquals(SYNCED, status());
    clock.advance(Duration.ofMinutes(-10));

    assertInstanceOf(Status.Unknown.class, sync.of("foo"));
  }

  @Test
  void doesNotWaitUntilOurClockIsWhereItWasSetBackFrom() throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    sync.read();
    clock.advance(Duration.ofSeconds(5));
    facts = mesh(istiods("istiod-1"), foo("a").with(policy("default", MtlsMode.STRICT)));
    one.at(clock.instant()).shows(sidecar("a", "foo").follows(LISTENERS, clock.instant()));
    assertEquals(SYNCED, status());

    clock.advance(Duration.ofMinutes(-10));
    sync.read();
    clock.advance(Duration.ofSeconds(16));

    assertEquals(SYNCED, status());
  }

  @Test
  void doesNotWaitUntilAZtunnelIsSentSomething() throws Exception {
    NamespaceBuilder istio = istiods("istiod-1").with(pod("ztunnel-x").ip("10.0.9.1"));
    NamespaceBuilder foo = namespace("foo").with(ambientPod("a").ip("10.0.0.1"));
    facts = mesh(istio, foo);
    ObjectRef ztunnel = new ObjectRef("Pod", "istio-system", "ztunnel-x");
    one.shows(ztunnel(ztunnel).follows(ADDRESSES, LONG_AGO));
    assertEquals(SYNCED, status());

    facts = mesh(istio, foo.with(policy("default", MtlsMode.STRICT)));

    assertInstanceOf(Status.Unknown.class, sync.of("foo"));
    assertEquals(SYNCED, status());
  }

  @Test
  void doesNotWaitForEverWhenAChangeBecameKnownLate() throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a")).observed(NOW.minusSeconds(60), List.of());
    Instant madeAt = NOW.minusSeconds(30);
    one.shows(sidecar("a", "foo").follows(LISTENERS, madeAt));
    sync.read();
    facts = mesh(istiods("istiod-1"), foo("a").with(policy("default", MtlsMode.STRICT)));

    assertEquals(lagging("foo/a"), status());

    clock.advance(Duration.ofSeconds(16));
    one.at(clock.instant());
    assertEquals(SYNCED, status());
  }

  @Test
  void isUnknownWhenProxiesMayBeThoseOfAnotherCluster() throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(
        sidecar("a", "foo").inCluster("east").follows(LISTENERS, LONG_AGO),
        sidecar("z", "foo").inCluster("west").follows(LISTENERS, LONG_AGO));

    has(unknown(), "several clusters (east, west)");
  }

  /** Pods of a StatefulSet have the same names in every cluster. */
  @Test
  void isUnknownWhileTheIstiodThatShowedAnotherClusterDoesNotAnswer() throws Exception {
    facts = mesh(istiods("istiod-1", "istiod-2"), foo("db-0"));
    one.shows(sidecar("db-0", "foo").inCluster("east").follows(LISTENERS, LONG_AGO));
    two.shows(sidecar("db-0", "foo").inCluster("west").follows(LISTENERS, LONG_AGO));
    has(unknown(), "several clusters (east, west)");

    two.status("500 Internal Server Error");

    has(unknown(), "several clusters (east, west)");
    has(unknown(), "several clusters (east, west)");
  }

  @Test
  void forgetsAClusterThatNoIstiodServesAnyMore() throws Exception {
    facts = mesh(istiods("istiod-1", "istiod-2"), foo("db-0"));
    one.shows(sidecar("db-0", "foo").inCluster("east").follows(LISTENERS, LONG_AGO));
    two.shows(sidecar("db-0", "foo").inCluster("west").follows(LISTENERS, LONG_AGO));
    has(unknown(), "several clusters (east, west)");

    two.shows();

    assertEquals(SYNCED, status());
  }

  @Test
  void leavesOutProxiesOfOtherClusters() throws Exception {
    options =
        new IstiodOptions(
            "istio-system",
            Optional.of("west"),
            options.every(),
            options.timeout(),
            options.maxAge(),
            options.maxBytes());
    sync = sync(clock);
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.shows(
        sidecar("a", "foo").inCluster("east").follows(LISTENERS, LONG_AGO),
        sidecar("z", "foo").inCluster("west").follows(LISTENERS, LONG_AGO));

    assertEquals(lagging("foo/a"), status());
  }

  /** It reads its policies here, so they govern that cluster's sidecars as well. */
  @Test
  void tellsOfSidecarsOfOtherClustersThatFollowThesePolicies() throws Exception {
    options =
        new IstiodOptions(
            "istio-system",
            Optional.of("east"),
            options.every(),
            options.timeout(),
            options.maxAge(),
            options.maxBytes());
    sync = sync(clock);
    facts = mesh(istiods("istiod-1"), foo("a"));
    ProxyEntry here = sidecar("a", "foo").inCluster("east").follows(LISTENERS, LONG_AGO);
    one.shows(here, sidecar("z", "foo").inCluster("west").follows(LISTENERS, LONG_AGO));
    assertEquals(SYNCED, status());
    assertEquals(Map.of("foo", Set.of("west")), sync.elsewhere());

    one.shows(here); // it connects to another istiod
    clock.advance(Duration.ofMinutes(30));
    assertEquals(SYNCED, status());
    assertEquals(Map.of("foo", Set.of("west")), sync.elsewhere());

    clock.advance(Duration.ofMinutes(31));
    assertEquals(SYNCED, status());
    assertEquals(Map.of(), sync.elsewhere());
  }

  static Stream<Arguments> answersThatAreNone() {
    String entry = sidecar("a", "foo").follows(LISTENERS, LONG_AGO).json();
    return Stream.of(
        argumentSet("no debug pages", "404 Not Found", "", "set ENABLE_DEBUG_ON_HTTP=true"),
        argumentSet("not allowed", "401 Unauthorized", "", "closed even to its own host"),
        argumentSet("an error", "500 Internal Server Error", "[]", "HTTP 500"),
        argumentSet("no JSON", "200 OK", "<html>", "not understood"),
        argumentSet("no array", "200 OK", "{}", "it is no array"),
        argumentSet("no proxies", "200 OK", "[1]", "something that is no proxy"),
        argumentSet("nothing", "200 OK", "", "not understood"),
        argumentSet("cut off", "200 OK", "[" + entry, "not understood"),
        argumentSet("cut off within", "200 OK", "[" + entry + ",{\"proxy\":\"b", "not understood"),
        argumentSet(
            "too long",
            "200 OK",
            "[" + entry + " ".repeat(1 << 20) + "]",
            "more than 1048576 bytes"));
  }

  @ParameterizedTest
  @MethodSource("answersThatAreNone")
  void saysWhatIsWrongWithAnAnswer(String status, String body, String expected) throws Exception {
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.status(status).says(body);

    has(unknown(), expected);
  }

  @Test
  void givesUpOnAnIstiodThatSaysNothing() throws Exception {
    facts = mesh(istiods("istiod-1", "istiod-2"), foo("a", "b"));
    one.silent();
    two.shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));

    String detail = unknown();

    has(detail, "foo/b may be connected");
    has(detail, "did not answer within 500 ms");
  }

  @Test
  void readsInTheBackgroundAndWaitsForTheFirstAnswer() {
    options =
        new IstiodOptions(
            "istio-system",
            Optional.empty(),
            Duration.ofMillis(20),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            1 << 20);
    sync = sync(Clock.systemUTC());
    facts = mesh(istiods("istiod-1"), foo("a"));
    one.at(Instant.now()).shows(sidecar("a", "foo").follows(LISTENERS, LONG_AGO));
    sync.start();

    assertEquals(0, one.asked());
    assertEquals(SYNCED, sync.of("foo"));
    await().atMost(Duration.ofSeconds(10)).until(() -> one.asked() > 3);
  }

  @Test
  void stopsReadingWhenNobodyAsks() throws Exception {
    options =
        new IstiodOptions(
            "istio-system",
            Optional.empty(),
            Duration.ofMillis(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            1 << 20);
    sync = sync(clock);
    facts = mesh(istiods("istiod-1"), foo("a"));
    sync.start();
    assertEquals(lagging("foo/a"), sync.of("foo"));

    clock.advance(Duration.ofSeconds(31));
    AtomicInteger seen = new AtomicInteger();
    await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(10))
        .until(() -> one.asked() == seen.getAndSet(one.asked()));
  }
}
