// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Watch;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Since when silence says something, by what was scraped and what Kubernetes knows. */
final class ProxyWatchTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration DAY = Duration.ofHours(24);
  private static final Instant LONG_AGO = NOW.minus(Duration.ofDays(9));
  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
  private static final WorkloadRef HTTPBIN = new WorkloadRef("foo", "Deployment", "httpbin");

  private ScrapedMesh prometheus;
  private PrometheusTrafficQuery survey;
  private MeshSnapshot facts;

  /** When the facts were last known to be complete. */
  private Instant observedAt = NOW;

  @BeforeEach
  void start() {
    prometheus = new ScrapedMesh();
    survey =
        new PrometheusTrafficQuery(
            prometheus, () -> facts.observed(observedAt, List.of()), ScrapedMesh.SCRAPE, Set.of());
  }

  private static PodBuilder serving(String name, Instant created) {
    return sidecarPod(name).of("Deployment", "httpbin").ip("10.0.0.1").createdAt(created);
  }

  private ScrapedMesh.Proxy proxy(String pod, Instant begun) {
    return prometheus.proxy("foo", "httpbin", pod, begun);
  }

  private NamespaceTraffic traffic(Instant now, Duration window) {
    return survey.read(now, window).of("foo")
            instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf)
        ? traffic
        : fail("nothing is measured");
  }

  /** Readings until the past is read. */
  private Watch watch(Instant now, Duration window) {
    for (int i = 10; i > 0; i--) {
      survey.read(now.minusSeconds(i * 6L), window);
    }
    return told(now, window);
  }

  /** One reading. */
  private Watch told(Instant now, Duration window) {
    return traffic(now, window).watched().getOrDefault(HTTPBIN, none());
  }

  private static Watch none() {
    return new Watch(null, false, Evidence.Reason.SOURCE_DOWN, "not told");
  }

  private static boolean covers(Watch watch, Instant now, Duration window) {
    return watch.covers(now.minus(window));
  }

  /** A pod broke the watch within the day, and nothing has since. */
  private static void assertBroken(Watch watch, String pod, Duration since) {
    assertFalse(covers(watch, NOW, DAY), watch::toString);
    assertTrue(covers(watch, NOW, since), watch::toString);
    assertTrue(watch.detail().contains(pod), watch::toString);
  }

  private void pods(PodBuilder... pods) {
    facts = mesh(namespace("foo").with(pods));
  }

  @Test
  void aPodThatIsScrapedAccountsForAllOfItsLife() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO.plusSeconds(5));

    assertEquals(LONG_AGO, watch(NOW, DAY).since());
  }

  /** Istio names no kinds: the pod that was scraped tells them apart. */
  @Test
  void samplesOfAnotherKindOfItsNameAreNotItsOwn() {
    pods(
        serving("httpbin-1-a", LONG_AGO),
        sidecarPod("httpbin-0").of("StatefulSet", "httpbin").ip("10.0.0.2").createdAt(LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    prometheus.unsampled.add(proxy("httpbin-0", LONG_AGO));

    assertTrue(watch(NOW, DAY).sampled());
    WorkloadRef other = new WorkloadRef("foo", "StatefulSet", "httpbin");
    Watch watch = traffic(NOW, DAY).watched().get(other);
    assertEquals(LONG_AGO, watch.since());
    assertFalse(watch.sampled());
  }

  /** Anybody may export the build of a ztunnel, of its own pod. */
  @ParameterizedTest
  @CsvSource({"istio-system, true", "evil, false"})
  void anAmbientPodIsWatchedByItsNodesZtunnelAndByNoOther(String namespace, boolean watched) {
    facts =
        mesh(
            namespace("foo")
                .with(
                    ambientPod("httpbin-1-a")
                        .of("Deployment", "httpbin")
                        .node("one")
                        .ip("10.0.0.1")
                        .createdAt(LONG_AGO)),
            namespace(namespace).with(pod("ztunnel-x").node("one").createdAt(LONG_AGO)));
    prometheus.ztunnels.add(new PodName(namespace, "ztunnel-x"));

    assertEquals(watched, watch(NOW, DAY).since() != null);
  }

  /** Another process has led meanwhile: it may not have been redirected, whether it was before. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAmbientPodIsKnownToBeCapturedSinceTheLastPause(boolean before) {
    NamespaceBuilder ztunnel = ztunnel();
    MeshSnapshot now =
        mesh(
            namespace("foo")
                .with(
                    ambientPod("httpbin-1-a")
                        .of("Deployment", "httpbin")
                        .node("one")
                        .ip("10.0.0.1")
                        .createdAt(NOW.minus(DAY).minus(DAY))),
            ztunnel);
    facts = before ? now : mesh(namespace("foo"), ztunnel);
    survey.read(NOW.minus(DAY).minus(TEN_MINUTES), DAY);
    facts = now;

    assertEquals(NOW.minusSeconds(60), watch(NOW, DAY).since());
  }

  /** One ambient pod, and the ztunnel of its node. */
  private void ambient() {
    facts = mesh(namespace("foo").with(ambientPodOf("httpbin-1-a")), ztunnel());
  }

  /** The ztunnel of the node of ambient pods, which is scraped. */
  private NamespaceBuilder ztunnel() {
    prometheus.ztunnels.add(new PodName("istio-system", "ztunnel-x"));
    return namespace("istio-system").with(pod("ztunnel-x").node("one").createdAt(LONG_AGO));
  }

  /** The API server's watch was silent, and facts are those of before. */
  @Test
  void anAmbientPodIsKnownToBeCapturedSinceItsFactsAreFresh() {
    ambient();
    observedAt = NOW.minus(TEN_MINUTES);
    for (int minute = 10; minute > 1; minute--) {
      survey.look(NOW.minusSeconds(60L * minute));
    }
    observedAt = NOW;

    assertEquals(NOW.minusSeconds(60), watch(NOW, DAY).since());
  }

  /** Nobody asked, or Prometheus was away, and this process was not. */
  @Test
  void anAmbientPodStaysCapturedWhileItsPodsAreLookedAt() {
    ambient();
    Instant begin = NOW.minus(TEN_MINUTES);
    Instant since = watch(begin, DAY).since();
    prometheus.holes.add(new ScrapedMesh.Span(begin, NOW.minusSeconds(70)));
    for (int minute = 1; minute < 9; minute++) {
      survey.look(begin.plusSeconds(60L * minute));
    }

    assertEquals(since, watch(NOW, DAY).since());
  }

  @Test
  void aSidecarThatWasInjectedSixSecondsAgoIsWatchedForSixSeconds() {
    pods(serving("httpbin-2-a", NOW.minusSeconds(6)));
    proxy("httpbin-2-a", NOW.minusSeconds(5));
    proxy("other", LONG_AGO);

    Watch watch = watch(NOW, Duration.ofMinutes(1));

    assertEquals(NOW.minusSeconds(6), watch.since());
  }

  @Test
  void aSidecarThatIsTwoMinutesOldIsNotWatchedForADay() {
    pods(serving("httpbin-2-a", NOW.minusSeconds(120)));
    proxy("httpbin-2-a", NOW.minusSeconds(118));

    assertEquals(NOW.minusSeconds(120), watch(NOW, DAY).since());
  }

  @Test
  void aProxyWhoseScrapesFailIsNotWatchedAndNamed() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO).down.add(new ScrapedMesh.Span(NOW.minus(DAY), NOW));
    proxy("other", LONG_AGO);

    Watch watch = watch(NOW, DAY);

    assertNull(watch.since());
    assertTrue(watch.detail().contains("httpbin-1-a"), watch.detail());
  }

  /** It was up == 0 for 23 h 50 min; pods that came and went meanwhile nobody saw. */
  @Test
  void podsThatEndedWhileScrapesFailedBreakTheWatch() {
    Instant back = NOW.minus(Duration.ofMinutes(10));
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO).down.add(new ScrapedMesh.Span(NOW.minus(DAY), back));
    ScrapedMesh.Proxy gone = proxy("httpbin-1-b", LONG_AGO);
    gone.ended = NOW.minus(Duration.ofHours(3));
    gone.down.add(new ScrapedMesh.Span(NOW.minus(DAY).plusSeconds(60), back));

    Watch watch = watch(NOW, DAY);

    assertFalse(covers(watch, NOW, DAY), watch::toString);
    assertTrue(watch.detail().contains("httpbin-1-b"), watch::toString);
  }

  @Test
  void oneOfTwoDeploymentsThatIsNeverScrapedIsNamed() {
    facts =
        mesh(
            namespace("foo")
                .with(
                    serving("httpbin-1-a", LONG_AGO),
                    sidecarPod("echo-1-a").of("Deployment", "echo").ip("10.0.0.2")));
    proxy("httpbin-1-a", LONG_AGO);

    NamespaceTraffic traffic = traffic(NOW, DAY);
    Watch echo = traffic.watched().get(new WorkloadRef("foo", "Deployment", "echo"));

    assertNotNull(echo);
    assertNull(echo.since());
    assertTrue(echo.detail().contains("echo-1-a"), echo.detail());
    assertNotNull(traffic.watched().getOrDefault(HTTPBIN, none()).since());
  }

  @Test
  void aPodThatIsTooYoungToBeScrapedBreaksNothing() {
    pods(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-b", NOW.minusSeconds(3)));
    proxy("httpbin-1-a", LONG_AGO);

    assertTrue(covers(watch(NOW, DAY), NOW, DAY));
  }

  @Test
  void aRollingRestartDoesNotBeginTheWatchAnew() {
    Instant restart = NOW.minus(Duration.ofHours(5));
    pods(serving("httpbin-2-a", restart), serving("httpbin-2-b", restart.plusSeconds(40)));
    proxy("httpbin-2-a", restart.plusSeconds(4));
    proxy("httpbin-2-b", restart.plusSeconds(44));
    proxy("httpbin-1-a", LONG_AGO).ended = restart.plusSeconds(20);
    proxy("httpbin-1-b", LONG_AGO).ended = restart.plusSeconds(63);

    Watch watch = watch(NOW, DAY);
    assertTrue(covers(watch, NOW, DAY));
    assertEquals(2, watch.ends().size(), watch::toString);
    assertTrue(
        watch.ends().stream()
            .allMatch(end -> Duration.between(restart, end).abs().toSeconds() <= 90),
        watch::toString);
  }

  @Test
  void aPodThatEndedUnseenBreaksTheWatch() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    ScrapedMesh.Proxy gone = proxy("httpbin-1-b", LONG_AGO);
    gone.ended = NOW.minus(Duration.ofHours(2));
    gone.down.add(new ScrapedMesh.Span(gone.ended.minusSeconds(300), gone.ended));

    Watch watch = watch(NOW, DAY);

    Instant since = watch.since();
    assertNotNull(since);
    assertFalse(since.isBefore(gone.ended.minusSeconds(15)), watch::toString);
    assertTrue(watch.detail().contains("httpbin-1-b"), watch::toString);
  }

  @Test
  void aHoleBreaksNothingThatLivedThroughIt() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    prometheus.holes.add(hole(Duration.ofHours(3), Duration.ofMinutes(10)));

    assertTrue(covers(watch(NOW, DAY), NOW, DAY));
  }

  /** Envoy drops the counters of a listener that changes; those of the hole nobody has read. */
  @Test
  void aHoleBreaksTheWatchOfAProxyWhoseListenersChangedInIt() {
    ScrapedMesh.Span hole = hole(Duration.ofHours(3), Duration.ofMinutes(10));
    pods(serving("httpbin-1-a", LONG_AGO));
    ScrapedMesh.Proxy proxy = proxy("httpbin-1-a", LONG_AGO);
    proxy.down.add(hole);
    proxy.listeners.add(hole.from().plusSeconds(300));

    Watch watch = watch(NOW, DAY);

    assertFalse(covers(watch, NOW, DAY), watch::toString);
    assertTrue(covers(watch, NOW, Duration.ofMinutes(160)), watch::toString);
    assertTrue(watch.detail().contains("httpbin-1-a"), watch.detail());
  }

  /** Of two replicas behind one address any may answer. */
  @ParameterizedTest
  @EnumSource(names = {"GAPS", "LISTENERS"})
  void aReplicaThatHasNothingOfThatTimeVouchesForNoProxy(PromQuery query) {
    ScrapedMesh.Span hole = hole(Duration.ofHours(3), Duration.ofMinutes(10));
    pods(serving("httpbin-1-a", LONG_AGO));
    ScrapedMesh.Proxy proxy = proxy("httpbin-1-a", LONG_AGO);
    proxy.down.add(hole);
    proxy.listeners.add(hole.from().plusSeconds(300));

    askedOfAYoungerReplicaFirst(query);
  }

  @Test
  void aHoleBreaksTheWatchOfAProxyThatDoesNotTellOfItsListeners() {
    pods(serving("httpbin-1-a", LONG_AGO));
    ScrapedMesh.Proxy proxy = proxy("httpbin-1-a", LONG_AGO);
    proxy.listeners = null;
    prometheus.holes.add(hole(Duration.ofHours(3), Duration.ofMinutes(10)));

    assertFalse(covers(watch(NOW, DAY), NOW, DAY));
  }

  /** As where metric_relabel_configs keep requests, and drop TCP. */
  @Test
  void aProxyOfWhoseCountersAPartIsKeptIsNotWatched() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO).partly = new ScrapedMesh.Span(LONG_AGO, NOW);

    Watch watch = watch(NOW, DAY);

    assertNull(watch.since(), watch::toString);
    assertEquals(Evidence.Reason.NOT_CONFIGURED, watch.reason());
    assertTrue(watch.detail().contains("httpbin-1-a"), watch.detail());
    assertTrue(watch.detail().contains("istio_tcp_connections_opened_total"), watch.detail());
  }

  /** Both are lost; the gap is over. */
  @Test
  void aProxyOfWhoseCountersAPartIsKeptIsNotWatchedAfterAGap() {
    pods(serving("httpbin-1-a", LONG_AGO));
    ScrapedMesh.Proxy proxy = proxy("httpbin-1-a", LONG_AGO);
    proxy.partly = new ScrapedMesh.Span(LONG_AGO, NOW);
    proxy.down.add(new ScrapedMesh.Span(NOW.minus(TEN_MINUTES), NOW.plusSeconds(5)));
    proxy.listeners = null;

    Watch watch = watch(NOW.plusSeconds(20), DAY);

    assertNull(watch.since(), watch::toString);
    assertTrue(watch.detail().contains("istio_tcp_connections_opened_total"), watch.detail());
  }

  @ParameterizedTest
  @EnumSource(names = {"DROPPING", "KEEPING", "UNKEPT", "LACKING"})
  void aProxyIsWatchedSinceAllOfItsCountersAreKept(PromQuery query) {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO).partly = hole(Duration.ofHours(3), Duration.ofMinutes(10));

    Watch watch = askedOfAYoungerReplicaFirst(query);

    assertTrue(covers(watch, NOW, Duration.ofMinutes(160)), watch::toString);
  }

  /** What was before it began it cannot tell, though it has the rest of that hour. */
  @ParameterizedTest
  @EnumSource(
      names = {"DEPARTED_TARGETS", "GAPS", "LISTENERS", "DROPPING", "KEEPING", "UNKEPT", "LACKING"})
  void aReplicaVouchesForNoTimeBeforeItBegan(PromQuery query) {
    Instant begun = NOW.minus(Duration.ofMinutes(175));
    pods(serving("httpbin-2-a", begun));
    ScrapedMesh.Proxy proxy = proxy("httpbin-2-a", begun);
    proxy.partly = new ScrapedMesh.Span(begun.plusSeconds(200), begun.plusSeconds(400));
    proxy.down.add(proxy.partly);
    ScrapedMesh.Proxy gone = proxy("httpbin-1-a", LONG_AGO);
    gone.ended = begun.plusSeconds(900);
    gone.down.add(new ScrapedMesh.Span(begun.plusSeconds(300), gone.ended));
    prometheus.younger.put(query, begun.plusSeconds(1500));

    Watch watch = watch(NOW, DAY);

    assertFalse(covers(watch, NOW, Duration.ofMinutes(155)), watch::toString);
  }

  /** As where samples are written from elsewhere. */
  @Test
  void aSampleThatArrivesBetweenTwoQueriesHoldsNothing() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    prometheus.early.put(PromQuery.DEPARTED_TARGETS, NOW);

    assertTrue(covers(watch(NOW, DAY), NOW, DAY));
  }

  /** Of all proxies it would be every sample of every counter. */
  @Test
  void whatAFewProxiesShowThatTheirJobKeepsIsNotAskedOfAll() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    prometheus.drops = true;

    assertTrue(covers(watch(NOW, DAY), NOW, DAY));

    assertEquals(1, Collections.frequency(prometheus.asked, PromQuery.KEEPING));
    assertFalse(prometheus.asked.contains(PromQuery.LACKING));
  }

  /** All that it was asked of before it began, it answered with nothing; the older one knows. */
  @Test
  void aReplicaThatWasAskedAfterAYoungerOneVouchesForNothingThatOnlyTheYoungerOneTold() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    ScrapedMesh.Proxy gone = proxy("httpbin-1-b", LONG_AGO);
    gone.ended = NOW.minus(Duration.ofHours(5));
    gone.down.add(new ScrapedMesh.Span(gone.ended.minusSeconds(900), gone.ended));
    prometheus.holes.add(new ScrapedMesh.Span(Instant.EPOCH, NOW.minus(Duration.ofHours(3))));
    assertFalse(covers(watch(NOW.minusSeconds(120), DAY), NOW, DAY));

    prometheus.holes.clear();
    Watch first = told(NOW.minusSeconds(60), DAY);
    assertFalse(covers(first, NOW, DAY), first::toString);

    assertBroken(watch(NOW, DAY), "httpbin-1-b", Duration.ofHours(4));
  }

  /** As of a replica that answers one query in between. */
  @Test
  void aYoungerReplicaThatTellsWhoEndedVouchesForNoTimeBeforeItBegan() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    ScrapedMesh.Proxy gone = proxy("httpbin-1-b", LONG_AGO);
    gone.ended = NOW.minus(Duration.ofHours(5));
    gone.down.add(new ScrapedMesh.Span(gone.ended.minusSeconds(900), gone.ended));
    prometheus.younger.put(PromQuery.DEPARTED, NOW.minus(Duration.ofHours(3)));

    Watch watch = watch(NOW, DAY);

    assertFalse(covers(watch, NOW, DAY), watch::toString);
  }

  /** Neither the younger one's answer nor the other one's later covers the window. */
  private Watch askedOfAYoungerReplicaFirst(PromQuery query) {
    prometheus.younger.put(query, NOW.minus(Duration.ofMinutes(90)));
    Watch before = watch(NOW.minusSeconds(120), DAY);
    assertFalse(covers(before, NOW, DAY), before::toString);

    prometheus.younger.clear();
    Watch watch = watch(NOW, DAY);

    assertFalse(covers(watch, NOW, DAY), watch::toString);
    assertTrue(watch.detail().contains("httpbin-1-a"), watch.detail());
    return watch;
  }

  /** A change while it is scraped loses at most what came since the last scrape. */
  @Test
  void aListenerThatChangesWhileItIsScrapedBreaksNothing() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO).listeners.add(NOW.minus(Duration.ofHours(3)));

    assertTrue(covers(watch(NOW, DAY), NOW, DAY));
  }

  /** It was there before the pod that serves now; its workload is what is watched. */
  @Test
  void aHoleBreaksTheWatchOfWhatIsGoneSince() {
    Instant restart = NOW.minus(Duration.ofHours(1));
    ScrapedMesh.Span hole = hole(Duration.ofHours(3), Duration.ofMinutes(10));
    pods(serving("httpbin-2-a", restart));
    proxy("httpbin-2-a", restart);
    ScrapedMesh.Proxy gone = proxy("httpbin-1-a", LONG_AGO);
    gone.ended = restart.plusSeconds(20);
    gone.down.add(hole);
    gone.listeners.add(hole.from().plusSeconds(300));

    Watch watch = watch(NOW, DAY);

    assertFalse(covers(watch, NOW, DAY), watch::toString);
    assertTrue(covers(watch, NOW, Duration.ofMinutes(160)), watch::toString);
  }

  private Watch watchOfWhatEndedInAHole() {
    ScrapedMesh.Span hole = hole(Duration.ofHours(3), Duration.ofMinutes(10));
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    proxy("httpbin-1-b", LONG_AGO).ended = hole.from().plusSeconds(200);
    prometheus.holes.add(hole);

    return watch(NOW, DAY);
  }

  @Test
  void aHoleBreaksTheWatchOfWhatEndedInIt() {
    Watch watch = watchOfWhatEndedInAHole();

    assertFalse(covers(watch, NOW, DAY), watch::toString);
    assertTrue(covers(watch, NOW, Duration.ofMinutes(100)), watch::toString);
  }

  /** As where another Prometheus behind the same address scrapes ztunnels. */
  @Test
  void ztunnelsThatAreScrapedSayNothingOfProxiesThatEndedMeanwhile() {
    prometheus.ztunnels.add(new PodName("istio-system", "ztunnel-x"));

    Watch watch = watchOfWhatEndedInAHole();

    assertBroken(watch, "httpbin-1-b", Duration.ofMinutes(168));
  }

  /** As where Prometheus and what it scrapes are moved to other nodes together. */
  @Test
  void whatEndedAfterAHoleWentSeen() {
    Instant began = NOW.minusSeconds(180);
    prometheus.holes.add(new ScrapedMesh.Span(Instant.EPOCH, began));
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    proxy("httpbin-1-b", LONG_AGO).ended = NOW.minusSeconds(60);

    assertTrue(covers(watch(NOW, Duration.ofSeconds(90)), NOW, Duration.ofSeconds(90)));
  }

  /** What is asked every few seconds is asked between two steps of the query, too. */
  @Test
  void aHoleOfProxiesThatIsLookedAtAgainAndAgainBreaksTheWatchOfWhatEndedInIt() {
    prometheus.others = true;
    Instant from = NOW.minusSeconds(600);
    prometheus.holes.add(new ScrapedMesh.Span(from, NOW.minusSeconds(300)));
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    proxy("httpbin-1-b", LONG_AGO).ended = from.plusSeconds(200);

    for (Instant at = from.minusSeconds(60); at.isBefore(NOW); at = at.plusSeconds(5)) {
      survey.read(at, TEN_MINUTES);
    }
    Watch watch = told(NOW, TEN_MINUTES);

    assertFalse(covers(watch, NOW, TEN_MINUTES), watch::toString);
    assertTrue(watch.detail().contains("httpbin-1-b"), watch::toString);
  }

  /** Each of several scrapes a part, as with hashmod, or behind one address. */
  @Test
  void whatEndedWhileTheOneThatScrapesItWasAwayEndedUnseen() {
    ScrapedMesh.Span away = hole(Duration.ofHours(3), Duration.ofMinutes(20));
    endedIn(away);

    Watch watch = watch(NOW, DAY);

    assertBroken(watch, "httpbin-1-c", Duration.ofMinutes(158));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 7, 9})
  void whatEndedWhileTheOneThatScrapesItWasAwayForHoursEndedUnseen(int hours) {
    ScrapedMesh.Span away = hole(Duration.ofHours(10), Duration.ofHours(hours));
    endedIn(away);
    proxy("httpbin-1-d", LONG_AGO).ended = away.from().minusSeconds(900);

    Watch watch = watch(NOW, DAY);

    assertBroken(watch, "httpbin-1-c", Duration.ofHours(10 - hours).minusMinutes(2));
  }

  /** One of two pods was not tried for a while, in which a third one ended that was not, either. */
  private void endedIn(ScrapedMesh.Span away) {
    pods(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-b", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    proxy("httpbin-1-b", LONG_AGO).away.add(away);
    ScrapedMesh.Proxy gone = proxy("httpbin-1-c", LONG_AGO);
    gone.ended = away.from().plusSeconds(600);
    gone.away.add(away);
  }

  /** Nothing that was scraped before is in the window. */
  @Test
  void whatEndedWhileTheOneThatScrapesItWasAwayForLongerThanTheWindowMayHaveEndedUnseen() {
    ScrapedMesh.Span away = hole(Duration.ofHours(5), Duration.ofHours(4));
    otherPods();
    proxy("httpbin-1-a", LONG_AGO);
    prometheus.proxy("other", "sleep", "sleep-1-a", LONG_AGO).away.add(away);

    Watch watch = watch(NOW, Duration.ofHours(2));

    assertFalse(covers(watch, NOW, Duration.ofHours(2)), watch::toString);
    assertTrue(covers(watch, NOW, Duration.ofMinutes(58)), watch::toString);
    assertTrue(watch.detail().contains("since when is not known"), watch::toString);
  }

  /** One of two that are scraped alike is not even tried. */
  @ParameterizedTest
  @CsvSource({"true, false", "false, true"})
  void whatEndedWhileTheOneThatScrapesItIsAwayForLongerThanTheWindowMayHaveEndedUnseen(
      boolean away, boolean covers) {
    ScrapedMesh.Span span = new ScrapedMesh.Span(NOW.minus(Duration.ofHours(5)), Instant.MAX);
    facts =
        mesh(
            namespace("foo").with(serving("httpbin-1-a", LONG_AGO)),
            namespace("other")
                .with(
                    serving("sleep-1-a", LONG_AGO).of("Deployment", "sleep"),
                    serving("sleep-1-b", LONG_AGO).of("Deployment", "sleep")));
    proxy("httpbin-1-a", LONG_AGO);
    prometheus.proxy("other", "sleep", "sleep-1-a", LONG_AGO);
    ScrapedMesh.Proxy other = prometheus.proxy("other", "sleep", "sleep-1-b", LONG_AGO);
    (away ? other.away : other.down).add(span);

    Watch watch = watch(NOW, Duration.ofHours(2));
    Instant told = survey.endedUnseen(NOW, Duration.ofHours(2)).apply("foo");

    assertEquals(covers, covers(watch, NOW, Duration.ofHours(2)), watch::toString);
    assertEquals(covers, told.isBefore(NOW.minus(Duration.ofHours(2))), told::toString);
  }

  /** Only those that go on, and are tried no more, show it as long as it is away. */
  @Test
  void whatEndedWhileTheOneThatScrapesItIsStillAwayEndedUnseen() {
    Instant left = NOW.minus(Duration.ofHours(3));
    otherPods();
    proxy("httpbin-1-a", LONG_AGO);
    away("other", "sleep-1-a", left);
    away("foo", "httpbin-1-c", left).ended = left.plusSeconds(600);

    Watch watch = watch(NOW, DAY);

    assertBroken(watch, "httpbin-1-c", Duration.ofMinutes(1));
  }

  /** It had looked before, and did not while another one led. */
  @Test
  void whatCameAndWentWhileThisProcessDidNotLookEndedUnseenBesideWhatIsStillAway() {
    Instant left = NOW.minus(Duration.ofHours(3));
    otherPods();
    proxy("httpbin-1-a", LONG_AGO);
    away("other", "sleep-1-a", left);
    watch(NOW.minus(Duration.ofHours(12)), DAY);
    away("foo", "httpbin-1-c", left).ended = left.plusSeconds(600);

    Watch watch = watch(NOW, DAY);

    assertBroken(watch, "httpbin-1-c", Duration.ofMinutes(1));
  }

  /**
   * Minutes pass between two looks, and who was there at one may have ended just before the next.
   */
  @Test
  void whatEndedBetweenTwoLooksEndedUnseenBesideWhatIsStillAway() {
    Instant left = NOW.minusSeconds(600);
    otherPods();
    MeshSnapshot after = facts;
    facts =
        mesh(
            namespace("foo")
                .with(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-c", LONG_AGO)),
            namespace("other").with(sidecarPod("sleep-1-a").ip("10.0.0.2").createdAt(LONG_AGO)));
    proxy("httpbin-1-a", LONG_AGO);
    away("other", "sleep-1-a", left);
    away("foo", "httpbin-1-c", left).ended = left.plusSeconds(280);
    watch(left, DAY);
    facts = after;
    told(left.plusSeconds(295), DAY);

    Watch watch = watch(NOW, DAY);

    assertBroken(watch, "httpbin-1-c", Duration.ofMinutes(5));
  }

  @Test
  void whatEndedBeforeATargetWasTakenAwayForGoodWentSeen() {
    Instant left = NOW.minus(Duration.ofHours(3));
    otherPods();
    proxy("httpbin-1-a", LONG_AGO);
    away("other", "sleep-1-a", left);
    proxy("httpbin-1-c", LONG_AGO).ended = left.minusSeconds(300);
    proxy("httpbin-1-d", LONG_AGO).ended = left.plusSeconds(600);

    assertTrue(covers(watch(NOW, DAY), NOW, DAY));
  }

  @Test
  void whatEndedUnseenIsToldByNamespace() {
    otherPods();
    proxy("httpbin-1-a", LONG_AGO);
    Instant ended = NOW.minus(Duration.ofHours(2));
    ScrapedMesh.Proxy gone = proxy("httpbin-1-b", LONG_AGO);
    gone.ended = ended;
    gone.down.add(new ScrapedMesh.Span(ended.minusSeconds(1200), ended));

    watch(NOW, DAY);
    Function<String, Instant> told = survey.endedUnseen(NOW, Duration.ofHours(3));

    assertTrue(told.apply("foo").isAfter(ended.minusSeconds(60)), told.apply("foo")::toString);
    assertFalse(told.apply("foo").isAfter(ended.plusSeconds(300)), told.apply("foo")::toString);
    assertFalse(told.apply("other").isAfter(NOW.minus(Duration.ofHours(3))));
  }

  /** What it had counted since its last scrape is gone. */
  @Test
  void aProxyThatWasStartedAgainHasEndedUnseen() {
    Instant restarted = NOW.minusSeconds(600);
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO).ended = restarted;
    proxy("httpbin-1-a", restarted);
    watch(restarted.minusSeconds(60), DAY);

    watch(NOW, DAY);
    Instant told = survey.endedUnseen(NOW, Duration.ofHours(3)).apply("foo");

    assertFalse(told.isBefore(restarted.minusSeconds(30)), told::toString);
    assertFalse(told.isAfter(restarted.plusSeconds(300)), told::toString);
  }

  /** CronJobs come and go all the time, with a proxy and without, and take no calls. */
  @Test
  void whatRunsToItsEndDoesNotEndUnseen() {
    PodBuilder job = sidecarPod("nightly-x").of("Job", "nightly").ip("10.0.0.3").createdAt(NOW);
    facts = mesh(namespace("foo").with(serving("httpbin-1-a", LONG_AGO), job));
    proxy("httpbin-1-a", LONG_AGO);
    watch(NOW, DAY);
    pods(serving("httpbin-1-a", LONG_AGO));
    Instant later = NOW.plusSeconds(600);

    Function<String, Instant> told = survey.endedUnseen(later, Duration.ofHours(3));

    assertFalse(told.apply("foo").isAfter(later.minus(Duration.ofHours(3))));
  }

  private void otherPods() {
    facts =
        mesh(
            namespace("foo").with(serving("httpbin-1-a", LONG_AGO)),
            namespace("other").with(sidecarPod("sleep-1-a").ip("10.0.0.2").createdAt(LONG_AGO)));
  }

  /** One that is tried no more. */
  private ScrapedMesh.Proxy away(String namespace, String pod, Instant from) {
    ScrapedMesh.Proxy proxy = prometheus.proxy(namespace, "httpbin", pod, LONG_AGO);
    proxy.away.add(new ScrapedMesh.Span(from, Instant.MAX));
    return proxy;
  }

  /** Its target was taken away for a while, as by service discovery. */
  @Test
  void whatEndedBesideATargetThatWasAwayForAWhileWentSeen() {
    ScrapedMesh.Span away = hole(Duration.ofHours(3), Duration.ofMinutes(20));
    pods(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-b", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO).away.add(away);
    proxy("httpbin-1-b", LONG_AGO).down.add(hole(Duration.ofHours(6), Duration.ofMinutes(20)));
    proxy("httpbin-1-c", LONG_AGO).ended = away.from().minusSeconds(300);
    proxy("httpbin-1-d", LONG_AGO).ended = away.to().plusSeconds(60);
    proxy("httpbin-1-e", LONG_AGO).ended = NOW.minus(Duration.ofHours(6)).plusSeconds(300);

    assertTrue(covers(watch(NOW, DAY), NOW, DAY));
  }

  @Test
  void plaintextIsToldThroughAHole() {
    ScrapedMesh.Proxy proxy = proxy("httpbin-1-a", LONG_AGO);
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy.plaintext.add(NOW.minusSeconds(90));
    prometheus.holes.add(hole(Duration.ofHours(3), Duration.ofMinutes(10)));

    assertEquals(1, traffic(NOW, DAY).plaintext().size());
  }

  private static ScrapedMesh.Span hole(Duration ago, Duration length) {
    return new ScrapedMesh.Span(NOW.minus(ago), NOW.minus(ago).plus(length));
  }

  @Test
  void anAnswerOfAYoungerReplicaVouchesForNothingBeforeIt() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    assertTrue(covers(watch(NOW, DAY), NOW, DAY));
    Instant began = NOW.minus(Duration.ofHours(1));

    prometheus.holes.add(new ScrapedMesh.Span(Instant.EPOCH, began));
    Watch watch = watch(NOW.plusSeconds(60), DAY);

    Instant since = watch.since();
    assertNotNull(since);
    assertFalse(since.isBefore(began), watch::toString);
    assertEquals(Evidence.Reason.WINDOW_NOT_COVERED, watch.reason());
  }

  @Test
  void aProxyThatWasStartedAgainBreaksTheWatch() {
    Instant again = NOW.minus(Duration.ofHours(4));
    pods(serving("httpbin-1-a", LONG_AGO).proxyRestarts(1));
    proxy("httpbin-1-a", LONG_AGO).ended = again;
    proxy("httpbin-1-a", again);

    Watch watch = watch(NOW, DAY);

    Instant since = watch.since();
    assertNotNull(since);
    assertFalse(since.isBefore(again), watch::toString);
  }

  /** An init container before it fails for days. */
  @Test
  void aProxyThatHasNeverRunHasNothingToScrape() {
    PodBuilder stuck = serving("httpbin-1-b", LONG_AGO);
    pods(serving("httpbin-1-a", LONG_AGO), stuck);
    proxy("httpbin-1-a", LONG_AGO);
    assertNull(watch(NOW.minus(TEN_MINUTES), DAY).since());

    start();
    pods(serving("httpbin-1-a", LONG_AGO), stuck.proxyUnstarted());
    proxy("httpbin-1-a", LONG_AGO);
    assertEquals(LONG_AGO, watch(NOW, DAY).since());

    pods(serving("httpbin-1-a", LONG_AGO));
    assertEquals(LONG_AGO, watch(NOW.plusSeconds(300), DAY).since());
  }

  @Test
  void aPodWithoutAProxyThatRanBesideBreaksTheWatch() {
    pods(
        serving("httpbin-1-a", LONG_AGO),
        pod("httpbin-1-b").of("Deployment", "httpbin").ip("10.0.0.2").createdAt(LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    Watch beside = watch(NOW, DAY);

    pods(serving("httpbin-1-a", LONG_AGO));
    Watch after = watch(NOW.plusSeconds(300), DAY);

    assertNull(beside.since());
    Instant since = after.since();
    assertNotNull(since);
    assertFalse(since.isBefore(NOW), after::toString);
  }

  /** It served, and may do so again, whatever it is scaled to. */
  @Test
  void aServerWithoutPodsKeepsItsBrokenWatch() {
    NamespaceBuilder foo = namespace("foo").with(service("web").port(80, 8080));
    facts =
        mesh(
            foo.with(
                serving("httpbin-1-a", LONG_AGO),
                pod("web-1-a").label("app", "web").of("Deployment", "web").ip("10.0.0.2")));
    proxy("httpbin-1-a", LONG_AGO);
    watch(NOW, DAY);

    pods(serving("httpbin-1-a", LONG_AGO));
    watch(NOW.plusSeconds(300), DAY);
    Watch web =
        traffic(NOW.plusSeconds(310), DAY)
            .watched()
            .getOrDefault(new WorkloadRef("foo", "Deployment", "web"), none());

    Instant since = web.since();
    assertNotNull(since, web::toString);
    assertFalse(since.isBefore(NOW), web::toString);
    assertTrue(web.detail().contains("web-1-a"), web::toString);
  }

  /** Whoever may read asks about windows. Others have theirs in spite of it. */
  @ParameterizedTest
  @ValueSource(strings = {"P999999D", "P100000000000000D"})
  void aWindowWithoutReasonHoldsUpNoOther(Duration endless) {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);

    Evidence<NamespaceTraffic> told = survey.read(NOW.minusSeconds(90), endless).of("foo");

    assertInstanceOf(Evidence.Unavailable.class, told);
    assertEquals(LONG_AGO, watch(NOW, DAY).since());
    assertTrue(prometheus.asked.size() < 500, () -> prometheus.asked.size() + " queries");
  }

  /** As of a tool that runs each build in a pod of its own name. */
  @Test
  void podsWithEverNewNamesTakeBoundedMemory() {
    prometheus.proxy("foo", "httpbin", "httpbin-1-a", LONG_AGO);
    ProxyWatch watch = new ProxyWatch(prometheus, ScrapedMesh.SCRAPE, Set.of());
    MeshSnapshot quiet = mesh(namespace("foo").with(serving("httpbin-1-a", LONG_AGO)));
    Instant now = NOW;
    for (int round = 0; round < 5; round++) {
      PodBuilder[] builds = new PodBuilder[30_000];
      for (int i = 0; i < builds.length; i++) {
        String name = "build-" + round + "-" + i;
        builds[i] = pod(name).of("Pod", name).ip("10.0.0.9").createdAt(now);
      }
      watch.look(mesh(namespace("foo").with(builds)), now, DAY);
      now = now.plusSeconds(60);
      watch.look(quiet, now, DAY);
    }

    assertTrue(watch.remembered() <= Remembered.MOST + 1, () -> "" + watch.remembered());
  }

  /** A job's pods end all the time, and serve nobody. */
  @Test
  void aClientWithoutPodsHasNoWatch() {
    pods(
        serving("httpbin-1-a", LONG_AGO),
        pod("report-1-a").of("Job", "report").ip("10.0.0.2").createdAt(LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    watch(NOW, DAY);

    pods(serving("httpbin-1-a", LONG_AGO));
    watch(NOW.plusSeconds(300), DAY);

    assertEquals(Set.of(HTTPBIN), traffic(NOW.plusSeconds(310), DAY).watched().keySet());
  }

  /** Prometheus never heard of it; Kubernetes did. */
  @Test
  void aPodThatCameAndWentWithoutAScrapeBreaksTheWatch() {
    pods(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-b", NOW.minusSeconds(90)));
    proxy("httpbin-1-a", LONG_AGO);
    watch(NOW, DAY);

    pods(serving("httpbin-1-a", LONG_AGO));
    Watch after = watch(NOW.plusSeconds(300), DAY);

    assertFalse(covers(after, NOW, DAY), after::toString);
    assertTrue(after.detail().contains("httpbin-1-b"), after::toString);
  }

  /** Its target was taken away, as with a label that a scrape configuration selects by. */
  @Test
  void aPodThatLivedOnWithoutATargetBreaksTheWatch() {
    Instant left = NOW.minus(Duration.ofMinutes(30));
    pods(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-b", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    proxy("httpbin-1-b", LONG_AGO).ended = left;
    survey.read(left.minusSeconds(60), DAY);
    assertNull(watch(NOW, DAY).since());

    pods(serving("httpbin-1-a", LONG_AGO));
    Instant later = NOW.plusSeconds(120);
    Watch after = watch(later, DAY);

    assertFalse(covers(after, later, TEN_MINUTES), after::toString);
    assertTrue(after.detail().contains("httpbin-1-b"), after::toString);
  }

  /** Its last sample is one of now for minutes, and what scraped it does not come back. */
  @Test
  void aPodThatWasScrapedNoMoreWhenItWentEndedUnseen() {
    Watch after = watchOfWhatWent(100);

    assertFalse(covers(after, NOW, TEN_MINUTES), after::toString);
    assertTrue(after.detail().contains("httpbin-1-b"), after::toString);
    assertFalse(covers(lookedAtUntil(NOW.plusSeconds(5), NOW.plusSeconds(600)), NOW, TEN_MINUTES));
  }

  /** What one of them tells again is no other sample. */
  @Test
  void aPodThatTwoReplicasScrapedNoMoreWhenItWentEndedUnseen() {
    prometheus.behind = Duration.ofSeconds(30);
    Watch after = watchOfWhatWent(75);

    assertFalse(covers(after, NOW, TEN_MINUTES), after::toString);
  }

  @Test
  void aPodThatWentHoldsUntilPrometheusTellsWhenItWasScrapedLast() {
    Watch after = watchOfWhatWent(60);

    assertFalse(covers(after, NOW, TEN_MINUTES), after::toString);
    assertTrue(covers(lookedAtUntil(NOW.plusSeconds(5), NOW.plusSeconds(600)), NOW, TEN_MINUTES));
  }

  /** A pod went a few seconds ago, and was scraped last so many seconds before. */
  private Watch watchOfWhatWent(int seconds) {
    observedAt = NOW.plusSeconds(3600);
    Instant last = NOW.minusSeconds(seconds);
    pods(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-b", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    proxy("httpbin-1-b", LONG_AGO).away.add(new ScrapedMesh.Span(last.plusSeconds(1), Instant.MAX));
    for (Instant at = last.minusSeconds(300); at.isBefore(NOW); at = at.plusSeconds(5)) {
      survey.read(at, TEN_MINUTES);
    }
    pods(serving("httpbin-1-a", LONG_AGO));
    return told(NOW.plusSeconds(2), TEN_MINUTES);
  }

  /** Nobody asked meanwhile, and Prometheus knows it to its end. */
  @Test
  void aPodThatWasScrapedToItsEndWhileNobodyAskedBreaksNothing() {
    Instant end = NOW.minus(Duration.ofMinutes(30));
    pods(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-b", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    proxy("httpbin-1-b", LONG_AGO).ended = end;
    survey.read(end.minusSeconds(900), DAY);
    survey.look(end.minusSeconds(50));
    pods(serving("httpbin-1-a", LONG_AGO));
    survey.look(end.plusSeconds(10));

    assertTrue(covers(watch(NOW, DAY), NOW, DAY));
  }

  /** What it had counted before is not known better for that. */
  @Test
  void aProxyThatWasStartedAgainBreaksTheWatchAfterItsPodWent() {
    Instant again = NOW.minus(Duration.ofHours(4));
    pods(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-b", LONG_AGO).proxyRestarts(1));
    proxy("httpbin-1-a", LONG_AGO);
    proxy("httpbin-1-b", LONG_AGO).ended = again;
    ScrapedMesh.Proxy second = proxy("httpbin-1-b", again);
    assertEquals(again, watch(NOW, DAY).since());

    second.ended = NOW.plusSeconds(30);
    pods(serving("httpbin-1-a", LONG_AGO));
    Watch after = watch(NOW.plusSeconds(120), DAY);

    assertEquals(again, after.since(), after::toString);
    assertTrue(after.detail().contains("httpbin-1-b"), after::toString);
  }

  private static PodBuilder ambientPodOf(String name) {
    return ambientPod(name)
        .of("Deployment", "httpbin")
        .node("one")
        .ip("10.0.0.1")
        .createdAt(LONG_AGO);
  }

  /** Its counters are those of its node's ztunnel, which goes on, or goes with the node. */
  @ParameterizedTest
  @CsvSource({"false,0,true", "false,100,true", "true,0,true", "true,100,false"})
  void anAmbientPodThatWentIsSeenToItsEndUnlessItsZtunnelWentUnscraped(
      boolean drained, int unscraped, boolean seen) {
    NamespaceBuilder ztunnel = ztunnel();
    PodBuilder stays = ambientPodOf("httpbin-1-a").node("two");
    PodBuilder other = pod("ztunnel-y").node("two").createdAt(LONG_AGO);
    prometheus.ztunnels.add(new PodName("istio-system", "ztunnel-y"));
    facts = mesh(namespace("foo").with(stays, ambientPodOf("httpbin-1-b")), ztunnel.with(other));
    Instant begin = NOW.minusSeconds(1800);
    lookedAtUntil(begin, NOW.minusSeconds(unscraped));
    prometheus.unscraped.put("ztunnel-x", NOW.minusSeconds(unscraped));
    lookedAtUntil(NOW.minusSeconds(unscraped), NOW);

    facts =
        mesh(
            namespace("foo").with(stays),
            drained ? namespace("istio-system").with(other) : ztunnel);
    prometheus.unscraped.clear();
    Watch after = lookedAtUntil(NOW.plusSeconds(5), NOW.plusSeconds(600));

    assertEquals(seen ? begin : NOW.plusSeconds(5), after.since(), after::toString);
  }

  /** As while its image is pulled: the one before it goes on, and what it takes is not known. */
  @ParameterizedTest
  @CsvSource({"0,500", "400,-60"})
  void aZtunnelThatTakesOverHasCountedSinceItWasMadeIfTheOneBeforeWasScraped(
      int unscraped, int since) {
    NamespaceBuilder foo = namespace("foo").with(ambientPodOf("httpbin-1-a"));
    PodBuilder next = pod("ztunnel-y").node("one").createdAt(NOW.minusSeconds(500));
    facts = mesh(foo, ztunnel());
    lookedAtUntil(NOW.minusSeconds(1800), NOW.minusSeconds(500));
    facts = mesh(foo, ztunnel().with(next));
    lookedAtUntil(NOW.minusSeconds(500), NOW.minusSeconds(unscraped));
    prometheus.unscraped.put("ztunnel-x", NOW.minusSeconds(unscraped));
    lookedAtUntil(NOW.minusSeconds(unscraped), NOW);

    facts = mesh(foo, namespace("istio-system").with(next));
    prometheus.ztunnels.add(new PodName("istio-system", "ztunnel-y"));
    Watch after = lookedAtUntil(NOW.plusSeconds(60), NOW.plusSeconds(300));

    assertEquals(NOW.minusSeconds(since), after.since(), after::toString);
  }

  private Watch lookedAtUntil(Instant begin, Instant end) {
    for (Instant at = begin; at.isBefore(end); at = at.plusSeconds(60)) {
      survey.read(at, TEN_MINUTES);
    }
    return told(end, TEN_MINUTES);
  }

  @Test
  void aPodThatWasCapturedLateBreaksTheWatchAfterItWent() {
    NamespaceBuilder ztunnel = ztunnel();
    facts =
        mesh(
            namespace("foo")
                .with(
                    ambientPodOf("httpbin-1-a"),
                    pod("httpbin-1-b").of("Deployment", "httpbin").ip("10.0.0.2")),
            ztunnel);
    Instant captured = NOW.minusSeconds(300);
    assertNull(lookedAtUntil(NOW.minusSeconds(1800), captured.minusSeconds(60)).since());
    facts =
        mesh(
            namespace("foo").with(ambientPodOf("httpbin-1-a"), ambientPodOf("httpbin-1-b")),
            ztunnel);
    assertEquals(captured, lookedAtUntil(captured, NOW).since());

    facts = mesh(namespace("foo").with(ambientPodOf("httpbin-1-a")), ztunnel);
    Watch after = lookedAtUntil(NOW.plusSeconds(5), NOW.plusSeconds(70));

    assertEquals(captured, after.since(), after::toString);
  }

  @Test
  void aProxyThatWasScrapedBeforeTheClockWasSetBackIsNotScrapedForThat() {
    Instant back = NOW.minus(Duration.ofHours(2));
    pods(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-b", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    proxy("httpbin-1-b", LONG_AGO)
        .down
        .add(new ScrapedMesh.Span(back.minusSeconds(600), back.plusSeconds(600)));
    assertNotNull(watch(NOW, TEN_MINUTES).since());

    Watch watch = watch(back, TEN_MINUTES);

    assertNull(watch.since(), watch::toString);
    assertTrue(watch.detail().contains("httpbin-1-b"), watch::toString);
  }

  /** It accepted nothing while it had no address. */
  @Test
  void aPodThatIsCapturedBeforeItHasAnAddressWasAlwaysCaptured() {
    NamespaceBuilder ztunnel = ztunnel();
    facts = mesh(namespace("foo").with(ambientPodOf("httpbin-1-a")), ztunnel);
    Instant begin = NOW.minusSeconds(1800);
    assertEquals(begin, lookedAtUntil(begin, NOW.minusSeconds(60)).since());
    facts =
        mesh(
            namespace("foo")
                .with(
                    ambientPodOf("httpbin-1-a"),
                    pod("httpbin-1-b").of("Deployment", "httpbin").ip("").createdAt(NOW)),
            ztunnel);
    survey.look(NOW.plusSeconds(5));
    facts =
        mesh(
            namespace("foo")
                .with(ambientPodOf("httpbin-1-a"), ambientPodOf("httpbin-1-b").createdAt(NOW)),
            ztunnel);

    assertEquals(begin, lookedAtUntil(NOW.plusSeconds(10), NOW.plusSeconds(90)).since());
  }

  /** As of a StatefulSet that is restarted twice within an hour that is read at once. */
  @Test
  void thePredecessorOfAPodThatWentSeenEndedUnseenAllTheSame() {
    Instant first = NOW.minus(Duration.ofMinutes(40));
    Instant second = NOW.minus(Duration.ofMinutes(20));
    pods(serving("httpbin-0", second.plusSeconds(5)), serving("httpbin-1", LONG_AGO));
    proxy("httpbin-1", LONG_AGO);
    ScrapedMesh.Proxy unseen = proxy("httpbin-0", LONG_AGO);
    unseen.down.add(new ScrapedMesh.Span(first.minusSeconds(900), first));
    unseen.ended = first;
    proxy("httpbin-0", first.plusSeconds(10)).ended = second;
    proxy("httpbin-0", second.plusSeconds(6));

    Watch watch = watch(NOW, DAY);

    assertBroken(watch, "httpbin-0", Duration.ofMinutes(38));
  }

  /** The query looks every half minute, and the next scrape replaces a sample. */
  @Test
  void aProxyThatWasScrapedBetweenTwoStepsAloneEndedUnseen() {
    Instant begun = NOW.minus(Duration.ofMinutes(40)).plusSeconds(10);
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    ScrapedMesh.Proxy gone = proxy("httpbin-1-b", begun);
    gone.ended = NOW.minus(Duration.ofMinutes(20));
    gone.down.add(new ScrapedMesh.Span(begun.plusSeconds(10), gone.ended));

    Watch watch = watch(NOW, DAY);

    assertBroken(watch, "httpbin-1-b", Duration.ofMinutes(18));
  }

  /** The query looks every minute. */
  @Test
  void whatIsLackingMayLackUntilTheNextStep() {
    Instant end = NOW.minusSeconds(250);
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    ScrapedMesh.Proxy gone = proxy("httpbin-1-b", LONG_AGO);
    gone.partly = new ScrapedMesh.Span(LONG_AGO, end);
    gone.ended = end;

    Watch watch = watch(NOW, TEN_MINUTES);

    Instant since = watch.since();
    assertNotNull(since);
    assertFalse(since.isBefore(end), watch::toString);
  }

  /** The first scrapes of a pod fail while it starts, and its counters tell of all of its life. */
  @Test
  void aPodThatWasScrapedAfterAllBreaksNothingWhenItGoes() {
    Instant begun = NOW.minus(Duration.ofHours(3));
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    ScrapedMesh.Proxy late = proxy("httpbin-1-b", begun);
    late.down.add(new ScrapedMesh.Span(begun, begun.plusSeconds(100)));
    late.down.add(new ScrapedMesh.Span(begun.plusSeconds(600), begun.plusSeconds(780)));
    survey.read(begun.minusSeconds(5), DAY);
    pods(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-b", begun));
    for (Instant at = begun; at.isBefore(begun.plusSeconds(900)); at = at.plusSeconds(10)) {
      survey.read(at, DAY);
    }
    Instant then = begun.plusSeconds(900);
    assertTrue(covers(told(then, DAY), then, DAY));

    late.ended = NOW.minusSeconds(90);
    survey.look(NOW.minusSeconds(95));
    pods(serving("httpbin-1-a", LONG_AGO));

    assertTrue(covers(watch(NOW, DAY), NOW, DAY));
  }

  /** A target is tried as soon as its pod has an address, and read about before it is scraped. */
  @Test
  void aPodWhoseFirstScrapeFailedBreaksNothing() {
    Instant begun = NOW.minus(TEN_MINUTES).plusSeconds(3);
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    proxy("httpbin-1-b", begun).down.add(new ScrapedMesh.Span(begun, begun.plusSeconds(20)));
    watch(begun.minusSeconds(3), DAY);
    pods(serving("httpbin-1-a", LONG_AGO), serving("httpbin-1-b", begun));
    survey.read(begun.plusSeconds(14), DAY);

    Watch watch = watch(NOW, DAY);

    assertTrue(covers(watch, NOW, DAY), watch::toString);
  }

  /** It went before its first good scrape, while this process looked on. */
  @Test
  void aPodOfWhichNoScrapeSucceededBreaksTheWatchWhenItWent() {
    Instant begun = NOW.minus(TEN_MINUTES).plusSeconds(3);
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    ScrapedMesh.Proxy gone = proxy("httpbin-1-b", begun);
    gone.ended = begun.plusSeconds(200);
    gone.down.add(new ScrapedMesh.Span(begun, gone.ended));
    watch(begun.minusSeconds(3), DAY);
    for (Instant at = begun.plusSeconds(14); at.isBefore(NOW); at = at.plusSeconds(10)) {
      survey.read(at, DAY);
    }

    assertBroken(told(NOW, DAY), "httpbin-1-b", Duration.ofMinutes(5));
  }

  /** Rounds of probes ask for ten minutes, all the time; a plan of a day may begin at any time. */
  @Test
  void whatBrokeTheWatchIsKeptWhileShortWindowsAreAsked() {
    pods(
        serving("httpbin-1-a", LONG_AGO),
        pod("httpbin-1-b").of("Deployment", "httpbin").ip("10.0.0.2").createdAt(LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    survey.read(NOW, TEN_MINUTES);

    pods(serving("httpbin-1-a", LONG_AGO));
    for (int i = 1; i <= 40; i++) {
      survey.read(NOW.plusSeconds(i * 60L), TEN_MINUTES);
    }

    Watch after = watch(NOW.plus(Duration.ofHours(1)), DAY);
    Instant since = after.since();
    assertNotNull(since);
    assertFalse(since.isBefore(NOW), after::toString);
  }

  /** Readings of several windows are made at the same time, and wait for each other. */
  @Test
  void aReadingThatComesToItsTurnLateForgetsNothing() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    assertEquals(LONG_AGO, watch(NOW, DAY).since());
    survey.read(NOW.plusSeconds(30), TEN_MINUTES);

    Watch late = traffic(NOW.plusSeconds(29), DAY).watched().get(HTTPBIN);

    assertEquals(LONG_AGO, late.since());
  }

  @Test
  void aDayThatWasReadIsNotReadAnewAfterAPause() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);
    watch(NOW, DAY);
    Instant later = NOW.plus(Duration.ofMinutes(50));

    survey.read(later, TEN_MINUTES);

    Watch after = traffic(later.plusSeconds(10), DAY).watched().getOrDefault(HTTPBIN, none());
    assertTrue(covers(after, later, DAY), after::toString);
  }

  @Test
  void readsNoMoreThanAFewSlicesOfThePastAtOnce() {
    pods(serving("httpbin-1-a", LONG_AGO));
    proxy("httpbin-1-a", LONG_AGO);

    survey.read(NOW, DAY);
    Watch first = told(NOW, DAY);

    assertTrue(
        prometheus.asked.stream().filter(q -> q == PromQuery.DEPARTED).count() <= 12,
        () -> prometheus.asked.toString());
    assertFalse(covers(first, NOW, DAY), first::toString);
  }
}
