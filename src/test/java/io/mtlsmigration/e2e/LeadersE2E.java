// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Several replicas: one acts, all answer, and whoever acted is replaced. A lease does not fence, so
 * a leader may be stopped between its check and its write, and go on when another has acted.
 */
final class LeadersE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService("replicas").withTask();

  /** A quarter of what is shipped: nobody here has to live with a slow network. */
  private static final Duration LEASE = Duration.ofSeconds(4);

  /** Each has a log of its own, in which it says whether it leads. */
  private static int started;

  private List<ServiceProcess> replicas = List.of();

  @AfterEach
  void tidyUp() {
    replicas.forEach(ServiceProcess::close);
    CLUSTER.kubectl().ok("delete", "peerauthentications", "-A", "--all");
    for (String plan : List.of("foo", "bar")) {
      CLUSTER
          .kubectl()
          .run(
              "patch",
              "migrationplan",
              plan,
              "--type=merge",
              "-p={\"metadata\":{\"finalizers\":null}}");
      CLUSTER.kubectl().run("delete", "migrationplan", plan, "--ignore-not-found");
    }
    CLUSTER.kubectl().ok("delete", "namespacemigrations", "-A", "--all");
    CLUSTER.kubectl().ok("delete", "lease", "-n", TestCluster.OWN, "--all");
  }

  @Test
  void answersEverywhereAndActsOnce() {
    start("a", "b", "c");
    ServiceProcess leader = awaitLeader();
    ServiceProcess follower = another(leader);

    begin(follower, "foo");

    CLUSTER.awaitPlan(follower, "foo", "COMPLETED");
    // What only the leader knows is asked of it, and what all know is told by each.
    for (ServiceProcess replica : replicas) {
      replica.http().get("/plans/foo").then().statusCode(200).body("phase", equalTo("COMPLETED"));
      assertTrue(
          replica
              .http()
              .accept("text/plain")
              .get("/connectivity")
              .asString()
              .contains("curl.legacy to httpbin.foo: 000"));
    }
    assertEquals("1", generations("foo"));
  }

  /** Its watch is late by some hundred milliseconds. */
  @Test
  void knowsEverywhereWhatHasJustBeenMadeAnywhere() {
    start("a", "b");
    awaitLeader();
    ServiceProcess one = replicas.get(0);
    ServiceProcess other = replicas.get(1);

    for (int round = 0; round < 10; round++) {
      ServiceProcess maker = round % 2 == 0 ? one : other;
      ServiceProcess reader = round % 2 == 0 ? other : one;
      maker
          .http()
          .contentType("application/json")
          .body(TaskPlans.adopting("foo"))
          .post("/plans")
          .then()
          .statusCode(201);
      String tag = reader.http().get("/plans/foo").then().statusCode(200).extract().header("ETag");
      reader.http().header("If-Match", tag).delete("/plans/foo").then().statusCode(204);
      await("it is gone")
          .atMost(Duration.ofSeconds(10))
          .until(
              () ->
                  maker.http().get("/plans/foo").statusCode() == 404
                      && reader.http().get("/plans/foo").statusCode() == 404);
    }
  }

  /** It gives its lease back, so that nobody waits until it has run out. */
  @Test
  void handsTheLeadOverWhenItIsToldToStop() {
    start("a", "b");
    ServiceProcess leader = awaitLeader();
    ServiceProcess other = another(leader);
    begin(other, "foo");
    awaitPhase(other, "foo", "VERIFYING");
    int before = leader.log().length();

    leader.close();

    Instant stopped = Instant.now();
    awaitLeaderAmong(List.of(other));
    Duration gap = Duration.between(stopped, Instant.now());
    assertTrue(gap.compareTo(LEASE.minusSeconds(1)) < 0, () -> "replaced after " + gap);
    CLUSTER.awaitPlan(other, "foo", "COMPLETED");
    String last = leader.log().substring(before);
    assertFalse(last.contains("\tat "), last);
  }

  @Test
  void replacesALeaderThatIsKilledWithinItsLease() {
    start("a", "b", "c");
    ServiceProcess leader = awaitLeader();
    begin(leader, "foo");
    awaitPhase(another(leader), "foo", "VERIFYING");

    leader.kill();

    Instant killed = Instant.now();
    ServiceProcess next = awaitLeaderAmong(without(leader));
    Duration gap = Duration.between(killed, Instant.now());
    System.out.printf(
        "replaced after %.1f s, lease %d s%n", gap.toMillis() / 1e3, LEASE.toSeconds());
    assertTrue(gap.compareTo(LEASE.plusSeconds(3)) < 0, () -> "replaced after " + gap);
    CLUSTER.awaitPlan(next, "foo", "COMPLETED");
    assertEquals("1", generations("foo"));
  }

  /** The write had left the leader when it was stopped, and arrives after another has locked. */
  @Test
  void doesNoHarmWhenAStoppedLeadersWriteArrivesLate() throws Exception {
    start("a", "b");
    ServiceProcess leader = awaitLeader();
    ServiceProcess other = another(leader);
    HeldWrite write = HeldWrite.install(CLUSTER);
    begin(other, "foo");
    write.awaitHeld();

    leader.freeze();
    CLUSTER.awaitPlan(other, "foo", "COMPLETED");
    String before = policy("foo");
    write.release();
    leader.thaw();

    awaitFollower(leader);
    CLUSTER.awaitMatrix(
        other,
        """
        curl.bar to httpbin.bar: 200
        curl.bar to httpbin.foo: 200
        curl.foo to httpbin.bar: 200
        curl.foo to httpbin.foo: 200
        curl.legacy to httpbin.bar: 200
        curl.legacy to httpbin.foo: 000
        command terminated with exit code 56
        """);
    assertEquals(before, policy("foo"));
    for (ServiceProcess replica : replicas) {
      replica.http().get("/plans/foo").then().body("phase", equalTo("COMPLETED"));
    }
  }

  /** The same, where the policy was there before and is patched. */
  @Test
  void doesNoHarmWhenAStoppedLeadersPatchArrivesLate() throws Exception {
    CLUSTER
        .kubectl()
        .apply(
            """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata:
              name: theirs
              namespace: bar
            spec:
              mtls:
                mode: PERMISSIVE
            """);
    start("a", "b");
    ServiceProcess leader = awaitLeader();
    ServiceProcess other = another(leader);
    HeldWrite write = HeldWrite.install(CLUSTER);
    begin(other, "bar");
    write.awaitHeld();

    leader.freeze();
    CLUSTER.awaitPlan(other, "bar", "COMPLETED");
    other.http().post("/plans/bar/rollback").then().statusCode(202);
    CLUSTER.awaitPlan(other, "bar", "ROLLED_BACK");
    awaitPhase(other, "bar", "ROLLED_BACK");
    write.release();
    leader.thaw();

    awaitFollower(leader);
    assertTrue(policy("bar").startsWith("theirs PERMISSIVE "), policy("bar"));
  }

  /** Stopped as soon as its intent is on record: mostly before the write, at times after it. */
  @Test
  void goesOnWhereAStoppedLeaderLeftOff() throws Exception {
    start("a", "b");
    ServiceProcess leader = awaitLeader();
    ServiceProcess other = another(leader);
    CountDownLatch stopped = new CountDownLatch(1);
    Watch watch = watchIntents(leader, stopped);
    try {
      begin(other, "foo");
      assertTrue(stopped.await(60, TimeUnit.SECONDS), "no intent has been recorded");
    } finally {
      watch.close(); // else it stops leaders of other tests
    }

    CLUSTER.awaitPlan(other, "foo", "COMPLETED");
    String before = policy("foo");
    leader.thaw();
    awaitFollower(leader);
    assertEquals(before, policy("foo"));
    assertEquals("1", generations("foo"));
  }

  /** Stops the leader at the first sight of an intent. */
  private static Watch watchIntents(ServiceProcess leader, CountDownLatch stopped) {
    return CLUSTER
        .admin()
        .genericKubernetesResources("mtls-migration.io/v1", "NamespaceMigration")
        .inNamespace(TestCluster.OWN)
        .watch(
            new Watcher<>() {
              @Override
              public void eventReceived(Action action, GenericKubernetesResource step) {
                if (step.get("status", "inFlight") != null && stopped.getCount() > 0) {
                  leader.freeze();
                  stopped.countDown();
                }
              }

              @Override
              public void onClose(WatcherException cause) {}
            });
  }

  private void start(String... names) {
    replicas =
        List.of(names).stream()
            .map(
                name ->
                    CLUSTER
                        .taskService(++started + "-" + name)
                        .with("mtls-migration.cluster.lease.duration", LEASE.toSeconds() + "s")
                        .with("mtls-migration.cluster.lease.renew-deadline", "3s")
                        .with("mtls-migration.cluster.lease.retry-period", "1s")
                        .start())
            .toList();
    replicas.forEach(ServiceProcess::awaitReady);
  }

  private static void begin(ServiceProcess service, String namespace) {
    TestCluster.start(service, TaskPlans.adopting(namespace), namespace);
  }

  private ServiceProcess awaitLeader() {
    return awaitLeaderAmong(replicas);
  }

  private static ServiceProcess awaitLeaderAmong(List<ServiceProcess> some) {
    return await("somebody leads")
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> some.stream().filter(ServiceProcess::leads).findFirst().orElse(null),
            leader -> leader != null);
  }

  private static void awaitFollower(ServiceProcess replica) {
    await("it has noticed that it leads no more")
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> !replica.leads());
    assertFalse(replica.leads());
  }

  private ServiceProcess another(ServiceProcess one) {
    return without(one).get(0);
  }

  private List<ServiceProcess> without(ServiceProcess one) {
    return replicas.stream().filter(replica -> replica != one).toList();
  }

  private static void awaitPhase(ServiceProcess service, String namespace, String phase) {
    await(namespace + " is " + phase)
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () ->
                service
                    .http()
                    .get("/plans/" + namespace + "/namespaces/" + namespace)
                    .jsonPath()
                    .getString("phase"),
            phase::equals);
  }

  /** Name, mode, UID and version of what is there. */
  private static String policy(String namespace) {
    return CLUSTER
        .kubectl()
        .ok(
            "get",
            "peerauthentications",
            "-n",
            namespace,
            "-o=jsonpath={range .items[*]}{.metadata.name} {.spec.mtls.mode} {.metadata.uid}"
                + " {.metadata.resourceVersion}{end}");
  }

  /** Of each policy that is there; a policy that was written once has the first. */
  private static String generations(String namespace) {
    return CLUSTER
        .kubectl()
        .ok(
            "get",
            "peerauthentications",
            "-n",
            namespace,
            "-o=jsonpath={.items[*].metadata.generation}");
  }
}
