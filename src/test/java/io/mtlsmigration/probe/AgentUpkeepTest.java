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
import io.mtlsmigration.probe.AgentUpkeep.Policy;
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
final class AgentUpkeepTest {

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
    return new AgentUpkeep(ProbeAgents.NONE, policy)
        .wanted(snapshot, Set.of(focus), AgentUpkeepTest::usable);
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
    AgentUpkeep upkeep = new AgentUpkeep(cluster, EVERYWHERE);
    MeshSnapshot snapshot = withLegacy(foo());

    turn(upkeep, snapshot, NOW, "foo");
    turn(upkeep, snapshot, NOW.plusSeconds(1), "foo");
    turn(upkeep, snapshot, NOW.plusSeconds(2));
    turn(upkeep, snapshot, NOW.plusSeconds(3));

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
    AgentUpkeep upkeep = new AgentUpkeep(cluster, EVERYWHERE);
    cluster.there.add(new Agent("evil", DataPlane.SIDECAR));
    Pod own = posing(foo(), agentPod("mtls-migration-probe"));

    boolean before = upkeep.isAgent(own);
    cluster.refuses = true; // may not remove what evil has made
    turn(upkeep, withLegacy(foo()), NOW);
    cluster.refuses = false;
    turn(upkeep, withLegacy(foo()), NOW.plusSeconds(1), "foo");

    assertFalse(before);
    assertTrue(upkeep.isAgent(own));
    assertFalse(upkeep.isAgent(posing(foo(), agentPod("httpbin"))));
    assertFalse(upkeep.isAgent(posing(foo(), agentPod("mtls-migration-probe-bare"))));
    assertFalse(upkeep.isAgent(posing(namespace("evil"), agentPod("mtls-migration-probe"))));
  }

  private static List<AgentUpkeep.Deed> turn(
      AgentUpkeep upkeep, MeshSnapshot snapshot, Instant now, String... focus) {
    return upkeep.turn(snapshot, Set.of(focus), AgentUpkeepTest::usable, now);
  }

  @Test
  void removesWhatIsLeftFromBeforeThoughAgentsAreOffNow() {
    cluster.there.add(IN_FOO);

    turn(new AgentUpkeep(cluster, Policy.OFF), withLegacy(foo()), NOW, "foo");

    assertEquals(List.of("remove foo SIDECAR"), cluster.deeds);
  }

  @Test
  void placesAgainWhatSomebodyElseHasRemoved() {
    AgentUpkeep upkeep = new AgentUpkeep(cluster, EVERYWHERE);
    turn(upkeep, withLegacy(foo()), NOW, "foo");
    cluster.there.clear();

    turn(upkeep, withLegacy(foo()), NOW.plusSeconds(59), "foo");
    int before = cluster.deeds.size();
    turn(upkeep, withLegacy(foo()), NOW.plus(Duration.ofMinutes(1)), "foo");

    assertEquals(1, before);
    assertEquals(Set.of(IN_FOO), cluster.there);
  }

  @Test
  void replacesAnAgentWhoseNamespaceIsCapturedOtherwiseNow() {
    AgentUpkeep upkeep = new AgentUpkeep(cluster, EVERYWHERE);
    turn(upkeep, withLegacy(foo()), NOW, "foo");

    turn(upkeep, withLegacy(foo(ambientPod("a"), ambientPod("b"))), NOW.plusSeconds(1), "foo");

    assertEquals(
        List.of("place foo SIDECAR", "remove foo SIDECAR", "place foo AMBIENT"), cluster.deeds);
  }

  @Test
  void bringsUpToDateOnceWhatAnEarlierVersionHasPlaced() {
    cluster.there.add(IN_FOO);
    AgentUpkeep upkeep = new AgentUpkeep(cluster, EVERYWHERE);

    turn(upkeep, withLegacy(foo()), NOW, "foo");
    turn(upkeep, withLegacy(foo()), NOW.plus(Duration.ofMinutes(5)), "foo");

    assertEquals(List.of("place foo SIDECAR"), cluster.deeds);
  }

  @Test
  void triesAgainWhatWasRefusedAndSaysWhy() {
    AgentUpkeep upkeep = new AgentUpkeep(cluster, EVERYWHERE);
    cluster.refuses = true;
    List<AgentUpkeep.Deed> refused = turn(upkeep, withLegacy(foo()), NOW, "foo");
    cluster.refuses = false;

    List<AgentUpkeep.Deed> done = turn(upkeep, withLegacy(foo()), NOW.plusSeconds(1), "foo");

    assertEquals(List.of(new AgentUpkeep.Deed(IN_FOO, true, new Answer.Failed("quota"))), refused);
    assertEquals(List.of(new AgentUpkeep.Deed(IN_FOO, true, new Answer.Done())), done);
  }

  @Test
  void triesAgainToRemoveWhatCouldNotBeRemoved() {
    cluster.there.add(IN_FOO);
    cluster.refuses = true;
    AgentUpkeep upkeep = new AgentUpkeep(cluster, EVERYWHERE);
    turn(upkeep, withLegacy(foo()), NOW);
    cluster.refuses = false;

    turn(upkeep, withLegacy(foo()), NOW.plusSeconds(1));

    assertEquals(Set.of(), cluster.there);
  }

  @Test
  void doesNothingWhileItCannotKnowWhatIsThere() {
    cluster.down = true;
    AgentUpkeep upkeep = new AgentUpkeep(cluster, EVERYWHERE);

    assertThrows(
        ProbeAgents.UnavailableException.class, () -> turn(upkeep, withLegacy(foo()), NOW, "foo"));

    assertEquals(List.of(), cluster.deeds);
  }
}
