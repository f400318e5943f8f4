// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.probe.AgentReconciler.Policy;
import io.mtlsmigration.probe.ProbeAgents.Agent;
import io.mtlsmigration.probe.ProbeAgents.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Where agents are needed, and that they go when they are not. */
final class AgentReconcilerTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Policy EVERYWHERE = new Policy(true, Set.of(), "own");
  private static final Agent IN_FOO = new Agent("foo", DataPlane.SIDECAR);
  private static final Agent AMBIENT = new Agent("foo", DataPlane.AMBIENT);
  private static final Agent BARE = new Agent("own", DataPlane.NONE);

  private final Cluster cluster = new Cluster();

  /** A cluster's agents, and what was done to them. */
  private static final class Cluster implements ProbeAgents {
    private final Set<Agent> there = new TreeSet<>();
    private final List<String> deeds = new ArrayList<>();
    private int lists;
    private boolean down;
    private boolean refuses;

    @Override
    public List<Agent> list() {
      lists++;
      if (down) {
        throw new UnavailableException("down", new IllegalStateException());
      }
      return List.copyOf(there);
    }

    @Override
    public Answer place(Agent agent) {
      deeds.add("place " + agent.namespace() + " " + agent.plane());
      if (!refuses) {
        there.add(agent);
      }
      return refuses ? new Answer.Failed("quota") : new Answer.Done();
    }

    @Override
    public Answer remove(Agent agent) {
      deeds.add("remove " + agent.namespace() + " " + agent.plane());
      if (!refuses) {
        there.remove(agent);
      }
      return refuses ? new Answer.Failed("forbidden") : new Answer.Done();
    }
  }

  private static NamespaceBuilder foo(PodBuilder... more) {
    return namespace("foo").with(sidecarPod("httpbin")).with(more);
  }

  private static MeshSnapshot withLegacy(NamespaceBuilder foo) {
    return mesh(foo, namespace("legacy").with(pod("curl")), namespace("own"));
  }

  private static boolean usable(Pod pod) {
    return pod.labels().get("app").equals("curl");
  }

  private static Set<Agent> wanted(Policy policy, MeshSnapshot snapshot, String... focus) {
    return new AgentReconciler(ProbeAgents.NONE, policy)
        .wanted(snapshot, Set.of(focus), AgentReconcilerTest::usable);
  }

  @Test
  void wantsOneWhereAPlanIsAtWorkAndNoPodCanBeProbedFrom() {
    assertEquals(Set.of(IN_FOO), wanted(EVERYWHERE, withLegacy(foo()), "foo"));
  }

  @Test
  void wantsNoneWithoutAPlan() {
    assertEquals(Set.of(), wanted(EVERYWHERE, withLegacy(foo())));
  }

  @Test
  void wantsNoneWhereACapturedPodCanBeProbedFrom() {
    assertEquals(Set.of(), wanted(EVERYWHERE, withLegacy(foo(sidecarPod("curl"))), "foo"));
  }

  @Test
  void doesNotCountPodsThatAreNotReadyOrHaveEndedOrHaveNoProxy() {
    NamespaceBuilder foo =
        foo(
            sidecarPod("a").of("Job", "curl").notReady(),
            sidecarPod("b").of("Job", "curl").terminated(),
            pod("c").of("Job", "curl"));

    assertEquals(Set.of(IN_FOO), wanted(EVERYWHERE, withLegacy(foo), "foo"));
  }

  @Test
  void isCapturedAsMostPodsOfTheNamespaceAre() {
    NamespaceBuilder foo = foo(ambientPod("a"), ambientPod("b"), ambientPod("c").terminated());

    assertEquals(Set.of(AMBIENT), wanted(EVERYWHERE, withLegacy(foo), "foo"));
  }

  @Test
  void wantsNoneWhereNothingIsCaptured() {
    assertEquals(
        Set.of(), wanted(EVERYWHERE, withLegacy(namespace("foo").with(pod("httpbin"))), "foo"));
  }

  @Test
  void wantsAClientWithoutAProxyAtHomeWhenThereIsNone() {
    assertEquals(
        Set.of(BARE), wanted(EVERYWHERE, mesh(foo(sidecarPod("curl")), namespace("own")), "foo"));
  }

  @Test
  void neverWantsAClientWithoutAProxyInANamespaceThatIsMigrated() {
    MeshSnapshot snapshot = mesh(namespace("own").with(sidecarPod("httpbin"), sidecarPod("curl")));

    assertEquals(Set.of(), wanted(EVERYWHERE, snapshot, "own"));
  }

  @Test
  void keepsToTheNamespacesItMayUse() {
    assertEquals(
        Set.of(),
        wanted(new Policy(true, Set.of("bar"), "own"), mesh(foo(), namespace("own")), "foo"));
    assertEquals(Set.of(), wanted(Policy.OFF, mesh(foo()), "foo"));
  }

  @Test
  void doesNotTakeItsOwnAgentForAClientThatMakesItSuperfluous() {
    PodBuilder agent = sidecarPod("agent").of("Deployment", "curl");
    ProbeAgents.LABELS.forEach(agent::label);

    assertEquals(Set.of(IN_FOO), wanted(EVERYWHERE, withLegacy(foo(agent)), "foo"));
  }

  @Test
  void placesOnceAndRemovesWhenNoPlanNeedsIt() {
    AgentReconciler reconciler = new AgentReconciler(cluster, EVERYWHERE);
    MeshSnapshot snapshot = withLegacy(foo());

    turn(reconciler, snapshot, NOW, "foo");
    turn(reconciler, snapshot, NOW.plusSeconds(1), "foo");
    turn(reconciler, snapshot, NOW.plusSeconds(2));
    turn(reconciler, snapshot, NOW.plusSeconds(3));

    assertEquals(List.of("place foo SIDECAR", "remove foo SIDECAR"), cluster.deeds);
    assertEquals(1, cluster.lists);
  }

  private static Pod posing(NamespaceBuilder namespace, PodBuilder pod) {
    ProbeAgents.LABELS.forEach(pod::label);
    return mesh(namespace.with(pod)).namespaces().values().iterator().next().pods().getLast();
  }

  private static PodBuilder agentPod(String deployment) {
    return sidecarPod("agent").of("Deployment", deployment);
  }

  @Test
  void believesItsOwnAgentAlone() {
    AgentReconciler reconciler = new AgentReconciler(cluster, EVERYWHERE);
    cluster.there.add(new Agent("evil", DataPlane.SIDECAR));
    Pod own = posing(foo(), agentPod("mtls-migration-probe"));

    boolean before = reconciler.isAgent(own);
    cluster.refuses = true; // may not remove what evil has made
    turn(reconciler, withLegacy(foo()), NOW);
    cluster.refuses = false;
    turn(reconciler, withLegacy(foo()), NOW.plusSeconds(1), "foo");

    assertFalse(before);
    assertTrue(reconciler.isAgent(own));
    assertFalse(reconciler.isAgent(posing(foo(), agentPod("httpbin"))));
    assertFalse(reconciler.isAgent(posing(foo(), agentPod("mtls-migration-probe-bare"))));
    assertFalse(reconciler.isAgent(posing(namespace("evil"), agentPod("mtls-migration-probe"))));
  }

  private static List<AgentReconciler.Deed> turn(
      AgentReconciler reconciler, MeshSnapshot snapshot, Instant now, String... focus) {
    return reconciler.turn(snapshot, Set.of(focus), AgentReconcilerTest::usable, now);
  }

  @Test
  void removesWhatIsLeftFromBeforeThoughAgentsAreOffNow() {
    cluster.there.add(IN_FOO);

    turn(new AgentReconciler(cluster, Policy.OFF), withLegacy(foo()), NOW, "foo");

    assertEquals(List.of("remove foo SIDECAR"), cluster.deeds);
  }

  @Test
  void placesAgainWhatSomebodyElseHasRemoved() {
    AgentReconciler reconciler = new AgentReconciler(cluster, EVERYWHERE);
    turn(reconciler, withLegacy(foo()), NOW, "foo");
    cluster.there.clear();

    turn(reconciler, withLegacy(foo()), NOW.plusSeconds(59), "foo");
    int before = cluster.deeds.size();
    turn(reconciler, withLegacy(foo()), NOW.plus(Duration.ofMinutes(1)), "foo");

    assertEquals(1, before);
    assertEquals(Set.of(IN_FOO), cluster.there);
  }

  @Test
  void replacesAnAgentWhoseNamespaceIsCapturedOtherwiseNow() {
    AgentReconciler reconciler = new AgentReconciler(cluster, EVERYWHERE);
    turn(reconciler, withLegacy(foo()), NOW, "foo");

    turn(reconciler, withLegacy(foo(ambientPod("a"), ambientPod("b"))), NOW.plusSeconds(1), "foo");

    assertEquals(
        List.of("place foo SIDECAR", "remove foo SIDECAR", "place foo AMBIENT"), cluster.deeds);
  }

  @Test
  void bringsUpToDateOnceWhatAnEarlierVersionHasPlaced() {
    cluster.there.add(IN_FOO);
    AgentReconciler reconciler = new AgentReconciler(cluster, EVERYWHERE);

    turn(reconciler, withLegacy(foo()), NOW, "foo");
    turn(reconciler, withLegacy(foo()), NOW.plus(Duration.ofMinutes(5)), "foo");

    assertEquals(List.of("place foo SIDECAR"), cluster.deeds);
  }

  @Test
  void triesAgainWhatWasRefusedAndSaysWhy() {
    AgentReconciler reconciler = new AgentReconciler(cluster, EVERYWHERE);
    cluster.refuses = true;
    List<AgentReconciler.Deed> refused = turn(reconciler, withLegacy(foo()), NOW, "foo");
    cluster.refuses = false;

    List<AgentReconciler.Deed> done =
        turn(reconciler, withLegacy(foo()), NOW.plusSeconds(1), "foo");

    assertEquals(
        List.of(new AgentReconciler.Deed(IN_FOO, true, new Answer.Failed("quota"))), refused);
    assertEquals(List.of(new AgentReconciler.Deed(IN_FOO, true, new Answer.Done())), done);
  }

  @Test
  void triesAgainToRemoveWhatCouldNotBeRemoved() {
    cluster.there.add(IN_FOO);
    cluster.refuses = true;
    AgentReconciler reconciler = new AgentReconciler(cluster, EVERYWHERE);
    turn(reconciler, withLegacy(foo()), NOW);
    cluster.refuses = false;

    turn(reconciler, withLegacy(foo()), NOW.plusSeconds(1));

    assertEquals(Set.of(), cluster.there);
  }

  @Test
  void doesNothingWhileItCannotKnowWhatIsThere() {
    cluster.down = true;
    AgentReconciler reconciler = new AgentReconciler(cluster, EVERYWHERE);

    assertThrows(
        ProbeAgents.UnavailableException.class,
        () -> turn(reconciler, withLegacy(foo()), NOW, "foo"));

    assertEquals(List.of(), cluster.deeds);
  }
}
