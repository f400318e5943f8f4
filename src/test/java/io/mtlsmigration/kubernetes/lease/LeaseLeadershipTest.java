// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.lease;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.http.Interceptor.RequestTags;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.mtlsmigration.testing.ManualClock;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * fabric8's elector sleeps by the machine's clock, so its periods are short here; what our side
 * decides, it decides by a ticker that the test moves.
 */
@EnableKubernetesMockClient(crud = true)
final class LeaseLeadershipTest {

  private static final String NAMESPACE = "platform";
  private static final Duration SECOND = Duration.ofSeconds(1);

  KubernetesMockServer server;
  KubernetesClient client;

  private final List<LeaseLeadership> replicas = new ArrayList<>();

  @AfterEach
  void stop() {
    replicas.forEach(LeaseLeadership::close);
  }

  @Test
  void leadsWhenNobodyElseDoes() {
    // A busy machine may take seconds for the first attempt.
    LeaseLeadership only = replica("a", Duration.ofMinutes(1), System::nanoTime);

    await().until(only::leads);

    assertEquals(Optional.of("http://a:8080"), only.address());
    assertEquals(Optional.empty(), only.ledBefore());
    assertEquals(0, only.term());
    assertEquals("a", lease().getSpec().getHolderIdentity());
  }

  @Test
  void followsAndKnowsWhereTheLeaderIs() {
    LeaseLeadership first = replica("a", SECOND, System::nanoTime);
    await().until(first::leads);

    LeaseLeadership second = replica("b", SECOND, System::nanoTime);

    await().until(() -> second.address().equals(Optional.of("http://a:8080")));
    assertFalse(second.leads());
  }

  @Test
  void handsOverAtOnceWhenItCloses() {
    // With a minute to run out, only a lease that was given back can be taken in time.
    LeaseLeadership first = replica("a", Duration.ofMinutes(1), System::nanoTime);
    await().until(first::leads);
    LeaseLeadership second = replica("b", Duration.ofMinutes(1), System::nanoTime);
    await().until(() -> second.address().isPresent());

    first.close();

    assertFalse(first.leads());
    await().until(second::leads);
    assertEquals(1, second.term());
    assertEquals(
        "http://b:8080", lease().getMetadata().getAnnotations().get("mtls-migration.io/address"));
  }

  @Test
  void stopsActingByItsOwnTickerWithoutAnyCallback() {
    AtomicLong leap = new AtomicLong();
    // The next renewal is so far away that nothing but the question itself can find out.
    LeaseLeadership stopped =
        replica(
            new Periods(Duration.ofMinutes(4), Duration.ofMinutes(3), Duration.ofMinutes(1)),
            "a",
            () -> System.nanoTime() + leap.get());
    await().until(stopped::leads);

    leap.addAndGet(Duration.ofMinutes(3).toNanos());

    assertFalse(stopped.leads());
    assertEquals(0, stopped.term());
  }

  /** A machine that was suspended has a ticker that stood still, and a clock that is told. */
  @Test
  void stopsActingWhenTheClockSaysThatTheMachineWasSuspended() {
    ManualClock clock = new ManualClock(Instant.now());
    LeaseView view = new LeaseView(() -> 0, Duration.ofSeconds(10), clock);
    ZonedDateTime at = clock.instant().atZone(ZoneOffset.UTC);
    LeaderElectionRecord lease = new LeaderElectionRecord("a", Duration.ofSeconds(15), at, at, 0);
    view.renewed(lease, "", 0, clock.instant());
    assertTrue(view.leads());

    clock.advance(Duration.ofMinutes(5));

    assertFalse(view.leads());
    view.renewed(lease, "", 0, clock.instant());
    clock.advance(Duration.ofHours(-1));
    assertTrue(view.leads(), "a clock that was set back takes nothing from anybody");
  }

  /** Another one led between both, which only the lease that was deleted would tell. */
  @Test
  void aLeaseThatWasMadeAnewIsAnotherTerm() {
    ManualClock clock = new ManualClock(Instant.parse("2026-01-01T12:00:00.123456789Z"));
    LeaseView view = new LeaseView(() -> 0, Duration.ofSeconds(10), clock);
    ZonedDateTime first = clock.instant().atZone(ZoneOffset.UTC);
    view.renewed(held(first, first), "", 0, clock.instant());
    long before = view.term();
    clock.advance(SECOND);
    ZonedDateTime stored = first.truncatedTo(ChronoUnit.MICROS);
    view.renewed(held(stored, clock.instant().atZone(ZoneOffset.UTC)), "", 0, clock.instant());
    assertEquals(before, view.term(), "a renewal begins no term");

    clock.advance(Duration.ofMinutes(1));
    ZonedDateTime anew = clock.instant().atZone(ZoneOffset.UTC);
    view.renewed(held(anew, anew), "", 0, clock.instant());

    assertEquals(before + 1, view.term());
  }

  private static LeaderElectionRecord held(ZonedDateTime acquired, ZonedDateTime renewed) {
    return new LeaderElectionRecord("a", Duration.ofSeconds(15), acquired, renewed, 0);
  }

  /** A renewal comes back with the time at which the API server has stored it. */
  @ParameterizedTest
  @CsvSource({"-300, 2, true", "300, 2, true", "-40, 2, false", "-300, 60, false"})
  void knowsWhereTheClockOfTheApiServerIs(int theirs, int pause, boolean apart) {
    ManualClock clock = new ManualClock(Instant.parse("2026-01-01T12:00:00Z"));
    AtomicLong ticker = new AtomicLong();
    LeaseView view = new LeaseView(ticker::get, Duration.ofSeconds(10), clock);
    ZonedDateTime at = clock.instant().atZone(ZoneOffset.UTC);

    for (int i = 0; i < 3; i++) {
      LeaderElectionRecord lease =
          new LeaderElectionRecord("a", Duration.ofSeconds(15), at, at.plusSeconds(i), 0);
      view.saw(lease, "", clock.instant().plusSeconds(theirs), "b");
      assertEquals(i > 0 && apart, view.clocksApart().isPresent());
      clock.advance(Duration.ofSeconds(pause));
      ticker.addAndGet(Duration.ofSeconds(pause).toNanos());
    }

    view.clocksApart().ifPresent(ahead -> assertEquals(-theirs, ahead.toSeconds()));
  }

  /** Nobody has renewed it for long. */
  @Test
  void aLeaseThatIsLeftTellsNothingOfClocks() {
    ManualClock clock = new ManualClock(Instant.parse("2026-01-01T12:00:00Z"));
    LeaseView view = new LeaseView(() -> 0, Duration.ofSeconds(10), clock);
    ZonedDateTime at = clock.instant().atZone(ZoneOffset.UTC);
    LeaderElectionRecord lease = new LeaderElectionRecord("a", Duration.ofSeconds(15), at, at, 0);

    view.saw(lease, "", clock.instant().minusSeconds(3600), "b");
    view.saw(lease, "", clock.instant().minusSeconds(3600), "b");

    assertEquals(Optional.empty(), view.clocksApart());
  }

  @Test
  void knowsNoLeaderOnceTheLeaseHasRunOut() {
    client.resource(leaseOf("gone", Instant.now(), 3600)).create();
    AtomicLong leap = new AtomicLong();
    LeaseLeadership follower =
        replica(
            new Periods(Duration.ofMinutes(4), Duration.ofMinutes(3), Duration.ofMinutes(1)),
            "a",
            () -> System.nanoTime() + leap.get());
    await().until(() -> follower.address().isPresent());

    leap.addAndGet(Duration.ofMinutes(61).toNanos());

    assertEquals(Optional.empty(), follower.address());
  }

  static Stream<Arguments> clocks() {
    return Stream.of(
        argumentSet("an hour ahead", Duration.ofHours(1)),
        argumentSet("an hour behind", Duration.ofHours(-1)));
  }

  @ParameterizedTest
  @MethodSource("clocks")
  void waitsForTheLeaseAsItSeesItWhateverTheHoldersClockSays(Duration skew) {
    client.resource(leaseOf("silent", Instant.now().plus(skew), 3)).create();
    long from = System.nanoTime();

    LeaseLeadership patient = replica("a", SECOND, System::nanoTime);

    await().until(patient::leads);
    Duration waited = Duration.ofNanos(System.nanoTime() - from);
    assertTrue(waited.compareTo(Duration.ofSeconds(3)) >= 0, () -> "took it after " + waited);
    assertEquals(8, patient.term());
  }

  @Test
  void takesALeaseThatSaysNothing() {
    client
        .resource(
            new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName("mtls-migration")
                .endMetadata()
                .build())
        .create();

    LeaseLeadership first = replica("a", SECOND, System::nanoTime);

    await().until(first::leads);
  }

  @Test
  void knowsUntilWhenSomebodyLedBefore() {
    Instant last = Instant.now().minusSeconds(3600).truncatedTo(ChronoUnit.SECONDS);
    client.resource(leaseOf("z", last, 1)).create();

    LeaseLeadership next = replica("a", SECOND, System::nanoTime);

    await().until(next::leads);
    assertEquals(Optional.of(last), next.ledBefore());
    Instant released = Instant.now();
    replicas.remove(next);
    next.close();
    LeaseLeadership third = replica("b", SECOND, System::nanoTime);
    await().until(third::leads);
    assertFalse(third.ledBefore().orElseThrow().isBefore(released.minusSeconds(1)));
  }

  @Test
  void startsAgainWhenAnAttemptDies() {
    AtomicBoolean dies = new AtomicBoolean(true);
    LongSupplier deadly =
        () -> {
          if (Thread.currentThread().getName().startsWith("lease-0") && dies.getAndSet(false)) {
            throw new IllegalStateException("an attempt dies");
          }
          return System.nanoTime();
        };

    LeaseLeadership tough = replica("a", SECOND, deadly);

    await().until(tough::leads);
    assertFalse(dies.get());
  }

  @Test
  void startsAgainWhenItsSupervisionDies() {
    AtomicBoolean dies = new AtomicBoolean(true);
    LongSupplier deadly =
        () -> {
          if (Thread.currentThread().getName().equals("lease-supervision")
              && dies.getAndSet(false)) {
            throw new StackOverflowError();
          }
          return System.nanoTime();
        };

    LeaseLeadership tough = replica("a", SECOND, deadly);

    await().until(tough::leads);
    assertFalse(dies.get());
  }

  @Test
  void leadsAgainAfterAnotherHadTheLease() {
    LeaseLeadership first = replica("a", SECOND, System::nanoTime);
    await().until(first::leads);

    client.resource(leaseOf("usurper", Instant.now(), 1)).createOr(r -> r.patch());

    await().until(() -> !first.leads());
    await().until(first::leads);
    assertEquals(8, first.term());
  }

  /** Its lease lapsed, and it gives it back when the API server answers again. */
  @Test
  void whoReleasesALeaseLateHasNotLedUntilThen() {
    Instant last = Instant.now().minusSeconds(3600).truncatedTo(ChronoUnit.SECONDS);
    client.resource(leaseOf("a", last, 15)).create();
    LeaseView view = new LeaseView(System::nanoTime, SECOND, Clock.systemUTC());
    WatchedLease late =
        new WatchedLease(options(periods("PT15S", "PT10S", "PT2S"), "a"), view, Clock.systemUTC());
    ZonedDateTime now = Instant.now().atZone(ZoneOffset.UTC);
    assertEquals("a", late.get(client).getHolderIdentity());

    late.update(client, new LeaderElectionRecord(null, SECOND, now, now, 7));

    assertEquals("", lease().getSpec().getHolderIdentity());
    LeaseLeadership next = replica("b", SECOND, System::nanoTime);
    await().until(next::leads);
    assertEquals(Optional.of(last), next.ledBefore());
  }

  /**
   * Nobody else has taken it: either no term tells that nobody led, and {@code Openings} finds out,
   * or its elector has released it late.
   */
  @Test
  void aLeaseOfItsOwnThatLapsedGoesOnOrSaysSo() {
    AtomicBoolean away = new AtomicBoolean();
    Interceptor nobodyThere =
        new Interceptor() {
          @Override
          public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (away.get()) {
              builder.uri(URI.create("http://127.0.0.1:1"));
            }
          }
        };
    try (KubernetesClient cutOff =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(client.getConfiguration())
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .withHttpClientBuilderConsumer(
                builder -> builder.addOrReplaceInterceptor("away", nobodyThere))
            .build()) {
      LeaseLeadership only =
          new LeaseLeadership(
              cutOff,
              options(periods("PT3S", "PT2S", "PT0.1S"), "a"),
              Clock.systemUTC(),
              System::nanoTime);
      replicas.add(only);
      only.start();
      await().until(only::leads);

      away.set(true);
      await().until(() -> !only.leads());
      Instant lapsed = Instant.now();
      await().until(() -> Instant.now().isAfter(lapsed.plus(SECOND)));
      away.set(false);

      await().until(only::leads);
      Instant before = only.ledBefore().orElse(Instant.MIN);
      assertEquals(only.term() == 0, before.equals(Instant.MIN));
      assertTrue(before.isBefore(lapsed), () -> before + " is after " + lapsed);
    }
  }

  static Stream<Arguments> impossible() {
    return Stream.of(
        argumentSet("no whole seconds", periods("PT1.5S", "PT1S", "PT0.1S"), "duration"),
        argumentSet("no room to stop", periods("PT10S", "PT10S", "PT2S"), "renew-deadline"),
        argumentSet("no room to fail", periods("PT15S", "PT10S", "PT4S"), "retry-period"),
        argumentSet("no pause", periods("PT15S", "PT10S", "PT0S"), "retry-period"));
  }

  @ParameterizedTest
  @MethodSource("impossible")
  void refusesPeriodsThatLeaveNoRoom(Periods periods, String key) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> options(periods, "a"));

    assertTrue(refused.getMessage().startsWith(key), refused.getMessage());
  }

  record Periods(Duration lease, Duration deadline, Duration retry) {}

  private static Periods periods(String lease, String deadline, String retry) {
    return new Periods(Duration.parse(lease), Duration.parse(deadline), Duration.parse(retry));
  }

  private LeaseLeadership replica(String name, Duration lease, LongSupplier ticker) {
    return replica(
        new Periods(lease, lease.multipliedBy(2).dividedBy(3), Duration.ofMillis(100)),
        name,
        ticker);
  }

  private LeaseLeadership replica(Periods periods, String name, LongSupplier ticker) {
    LeaseLeadership replica =
        new LeaseLeadership(client, options(periods, name), Clock.systemUTC(), ticker);
    replicas.add(replica);
    replica.start();
    return replica;
  }

  private static LeaseOptions options(Periods periods, String name) {
    return new LeaseOptions(
        NAMESPACE,
        "mtls-migration",
        name,
        "http://" + name + ":8080",
        periods.lease(),
        periods.deadline(),
        periods.retry());
  }

  private Lease lease() {
    return client
        .resources(Lease.class)
        .inNamespace(NAMESPACE)
        .withName("mtls-migration")
        .require();
  }

  private static Lease leaseOf(String holder, Instant renewed, int seconds) {
    return new LeaseBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName("mtls-migration")
        .addToAnnotations(WatchedLease.ADDRESS_ANNOTATION, "http://" + holder + ":8080")
        .endMetadata()
        .withNewSpec()
        .withHolderIdentity(holder)
        .withAcquireTime(renewed.atZone(ZoneOffset.UTC))
        .withRenewTime(renewed.atZone(ZoneOffset.UTC))
        .withLeaseDurationSeconds(seconds)
        .withLeaseTransitions(7)
        .endSpec()
        .build();
  }
}
