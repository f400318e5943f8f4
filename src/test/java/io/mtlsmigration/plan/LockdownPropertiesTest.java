// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PolicyBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.plan.PlanBuilders.Journey;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What holds in every mesh, whoever wrote policies into it before. */
class LockdownPropertiesTest {

  private static final List<String> NAMES = List.of("foo", "bar");
  private static final Set<Purpose> MAY_WEAKEN =
      EnumSet.of(
          Purpose.EXCEPTION, Purpose.EXEMPT, Purpose.NEWBORN, Purpose.ROLLBACK, Purpose.CLEANUP);
  private static final List<MtlsMode> MODES = List.of(MtlsMode.values());
  private static final int[] PORTS = {80, 443, 9090};

  /** A mesh of two namespaces with policies of every scope, and a plan with exceptions. */
  record World(MeshSnapshot mesh, PlanSpec plan) {
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      for (String name : List.of("istio-system", "foo", "bar")) {
        text.append(name).append(":\n");
        mesh.namespaces().get(name).pods().stream()
            .filter(p -> p.dataPlane().captured())
            .forEach(p -> text.append("  ").append(p.dataPlane()).append(p.labels()).append('\n'));
        mesh.namespaces().get(name).peerAuthentications().stream()
            .sorted(PeerAuthentication.OLDEST_FIRST)
            .forEach(p -> text.append("  ").append(p.ref()).append(p.spec()).append('\n'));
      }
      plan.exceptions().forEach(e -> text.append(e).append('\n'));
      return text.toString();
    }
  }

  private static void inEachWorld(int count, BiConsumer<World, Draw> property) {
    Seeds.each(
        count,
        draw -> {
          World world = world(draw);
          try {
            property.accept(world, draw);
          } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\nin\n" + world, e);
          }
        });
  }

  private static void inEachWorld(int count, Consumer<World> property) {
    inEachWorld(count, (world, draw) -> property.accept(world));
  }

  private static World world(Draw draw) {
    NamespaceBuilder root = namespace("istio-system");
    if (draw.below(3) == 0) {
      root.with(policy("default", mode(draw)));
    }
    NamespaceBuilder foo = inhabited("foo", draw);
    NamespaceBuilder bar = inhabited("bar", draw);
    List<PolicyException> exceptions = new ArrayList<>();
    for (int n = draw.below(4); n > 0; n--) {
      Integer port = draw.below(4) == 0 ? null : PORTS[draw.below(PORTS.length)];
      exceptions.add(PlanBuilders.exception(NAMES.get(draw.below(2)), selector(draw), port));
    }
    return new World(
        mesh(root, foo, bar),
        PlanBuilders.plan().exceptions(exceptions.toArray(PolicyException[]::new)).build());
  }

  private static NamespaceBuilder inhabited(String name, Draw draw) {
    NamespaceBuilder builder = namespace(name);
    builder.with(service("a").port(80, 80), service("b").headless().port(9090, 9090));
    for (String app : List.of("a", "b", "c")) {
      for (String version : List.of("1", "2")) {
        int kind = draw.below(8);
        if (kind > 0) {
          PodBuilder next =
              kind == 1
                  ? pod(app + version)
                  : kind == 2 ? ambientPod(app + version) : sidecarPod(app + version);
          builder.with(next.label("app", app).label("version", version).ports(80, 9090));
        }
      }
    }
    if (draw.below(2) == 0) {
      builder.with(policy(draw.coin() ? "default" : "team", mode(draw)).createdAt(1));
    }
    if (draw.below(6) == 0) {
      builder.with(policy("younger", mode(draw)).createdAt(2));
    }
    for (int n = draw.below(3); n > 0; n--) {
      PolicyBuilder workload = policy(n == 1 ? "w1" : "default-w", declared(draw)).createdAt(n);
      selector(draw).forEach(workload::selector);
      if (draw.coin()) {
        workload.port(PORTS[draw.below(PORTS.length)], declared(draw));
      }
      builder.with(workload);
    }
    return builder;
  }

  private static Map<String, String> selector(Draw draw) {
    Map<String, String> selector = new TreeMap<>();
    int kind = draw.below(4);
    if (kind != 1) {
      selector.put("app", List.of("a", "b", "c").get(draw.below(3)));
    }
    if (kind == 1 || kind == 2) {
      selector.put("version", draw.coin() ? "1" : "2");
    }
    return selector;
  }

  private static MtlsMode mode(Draw draw) {
    return MODES.get(draw.below(4));
  }

  /** Mostly what does not stand in the way of a lock, or most worlds would be blocked. */
  private static MtlsMode declared(Draw draw) {
    return draw.below(4) == 0 ? mode(draw) : draw.coin() ? MtlsMode.UNSET : MtlsMode.STRICT;
  }

  @Test
  void lockingEndsWithEveryPortStrictThatNoExceptionNames() {
    inEachWorld(
        1000,
        world -> {
          for (String name : NAMES) {
            Journey journey = new Journey(world.mesh());

            PolicyWrites left = journey.follow(m -> Lockdown.namespace(m, name, world.plan()));

            if (left.obstacles().isEmpty()) {
              assertLocked(journey.modes(), name, world.plan());
            }
          }
        });
  }

  /** A what-if of one namespace resolves nothing else, and must not tell otherwise for that. */
  @Test
  void foretellsWhatAMeshResolvedAnewForetells() {
    inEachWorld(
        1000,
        world -> {
          MeshModes modes = MeshModes.resolve(world.mesh());
          for (String name : NAMES) {
            List<PolicyChange> changes = Preview.namespace(modes, name, world.plan()).changes();
            Reachability whole = Reachability.of(Preview.after(modes, changes));
            MeshModes only = Preview.after(ScopeModes.only(modes, name), changes);
            Reachability quick = Reachability.of(modes).under(only.namespace(name));

            for (Service service : modes.namespace(name).facts().services()) {
              ServicePort port = service.ports().getFirst();
              for (Backend backend : whole.backends(service, port)) {
                for (NamespaceFacts clients : world.mesh().namespaces().values()) {
                  for (Pod client : clients.pods()) {
                    assertEquals(
                        whole.predict(client, service, port, backend),
                        quick.predict(client, service, port, backend));
                  }
                }
              }
            }
          }
        });
  }

  private static void assertLocked(MeshModes modes, String namespace, PlanSpec plan) {
    for (Pod pod : ScopeModes.capturedPods(modes.namespace(namespace).facts())) {
      EffectiveMode mode = modes.namespace(namespace).of(pod);
      Set<Integer> open = new TreeSet<>();
      boolean all = false;
      for (PolicyException exception : plan.exceptions()) {
        if (exception.namespace().equals(namespace) && OpenPorts.selects(exception, pod)) {
          Integer port = exception.port();
          all |= port == null;
          open.add(port == null ? 1 : port);
        }
      }
      for (int port : new int[] {1, 80, 443, 8080, 9090}) {
        boolean excepted = all || (open.contains(port) && port != 1);
        MtlsMode wanted = excepted ? MtlsMode.PERMISSIVE : MtlsMode.STRICT;
        assertEquals(wanted, mode.of(port), pod.ref() + " port " + port);
      }
    }
  }

  @Test
  void everyWriteKeepsTheExceptionsOfPodsThatWereOpenBefore() {
    inEachWorld(
        1000,
        world -> {
          for (String name : NAMES) {
            Journey journey = new Journey(world.mesh());
            PolicyWrites next = Lockdown.namespace(journey.modes(), name, world.plan());
            while (!next.changes().isEmpty()) {
              MeshModes before = journey.modes();
              journey.write(next.changes().getFirst());
              for (Pod pod : ScopeModes.capturedPods(before.namespace(name).facts())) {
                for (int port : OpenPorts.of(pod, exceptions(world, name)).ports()) {
                  boolean wasOpen = before.namespace(name).of(pod).of(port) != MtlsMode.STRICT;
                  boolean isStrict =
                      journey.modes().namespace(name).of(pod).of(port) == MtlsMode.STRICT;
                  assertFalse(wasOpen && isStrict, pod.ref() + " port " + port + journey.made());
                }
              }
              next = Lockdown.namespace(journey.modes(), name, world.plan());
            }
          }
        });
  }

  private static List<PolicyException> exceptions(World world, String namespace) {
    return world.plan().exceptions().stream().filter(e -> e.namespace().equals(namespace)).toList();
  }

  @Test
  void noForwardWriteWeakensAndNoneGoesFromDisableToStrict() {
    inEachWorld(
        1000,
        world -> {
          Journey journey = new Journey(world.mesh());

          lockEverything(journey, world.plan());

          MeshModes modes = MeshModes.resolve(world.mesh());
          for (PolicyChange change : journey.made()) {
            MeshModes after = MeshModes.resolve(Snapshots.apply(modes.snapshot(), change));
            boolean weaker = anyPort(modes, after, MtlsMode::weakenedBy);
            assertTrue(!weaker || change.weakens(), "not flagged: " + change);
            assertTrue(
                !change.weakens() || MAY_WEAKEN.contains(change.purpose()), "weakens: " + change);
            assertFalse(
                anyPort(modes, after, (a, b) -> a == MtlsMode.DISABLE && b == MtlsMode.STRICT),
                "leaps: " + change);
            modes = after;
          }
        });
  }

  private static void lockEverything(Journey journey, PlanSpec plan) {
    Set<String> locked = new TreeSet<>();
    Set<String> exempt = new TreeSet<>();
    for (String name : NAMES) {
      PolicyWrites left = journey.follow(m -> Lockdown.namespace(m, name, plan));
      if (left.obstacles().isEmpty()) {
        locked.add(name);
      } else {
        journey.follow(m -> Lockdown.exempt(m, name, plan));
        exempt.add(name);
      }
    }
    journey.follow(m -> Lockdown.mesh(m, plan, locked, exempt));
  }

  private static boolean anyPort(
      MeshModes before, MeshModes after, BiPredicate<MtlsMode, MtlsMode> test) {
    for (String name : NAMES) {
      for (Pod pod : ScopeModes.capturedPods(before.namespace(name).facts())) {
        for (int port : new int[] {1, 80, 443, 8080, 9090}) {
          if (test.test(
              before.namespace(name).of(pod).of(port), after.namespace(name).of(pod).of(port))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  @Test
  void planningTwiceChangesNothing() {
    inEachWorld(
        300,
        world -> {
          PlanReport first = Planner.plan(world.plan(), MeshModes.resolve(world.mesh()));

          PlanReport second = Planner.plan(world.plan(), MeshModes.resolve(world.mesh()));

          assertEquals(first, second);
        });
  }

  @Test
  void nothingIsLeftToPlanWhenAllIsAsWanted() {
    inEachWorld(
        500,
        world -> {
          Journey journey = new Journey(world.mesh());
          lockEverything(journey, world.plan());
          Set<String> waiting =
              Planner.plan(world.plan(), MeshModes.resolve(world.mesh())).obstacles().keySet();

          PlanReport report = Planner.plan(world.plan(), journey.modes());

          if (waiting.isEmpty()) {
            assertEquals(List.of(), report.changes());
          }
        });
  }

  @Test
  void undoingRestoresEveryModeThatItNeedNotTightenForThat() {
    inEachWorld(
        1000,
        world -> {
          Journey journey = new Journey(world.mesh());
          lockEverything(journey, world.plan());

          PolicyWrites left =
              journey.follow(m -> Lockdown.undo(m, journey.ledger(), Purpose.CLEANUP, true));

          assertEquals(List.of(), left.obstacles());
          MeshModes start = MeshModes.resolve(world.mesh());
          boolean opened =
              journey.made().stream()
                  .anyMatch(c -> c.purpose() == Purpose.EXEMPT || c.purpose() == Purpose.EXCEPTION);
          if (!opened) {
            assertEquals(specs(world.mesh()), specs(journey.modes().snapshot()));
          }
          assertFalse(
              stricter(start, journey.modes()), () -> "stricter than it was: " + journey.made());
        });
  }

  /**
   * True when a port is refused that was not, but for those whose own policy said so, which istiod
   * left open under a STRICT mesh: an exemption makes them what they are said to be.
   */
  private static boolean stricter(MeshModes before, MeshModes after) {
    for (String name : NAMES) {
      NamespaceModes was = before.namespace(name);
      for (Pod pod : ScopeModes.capturedPods(was.facts())) {
        for (int port : new int[] {1, 80, 443, 8080, 9090}) {
          boolean said = was.ofLabels(pod.labels()).of(port) == MtlsMode.STRICT;
          if (!said
              && was.of(pod).of(port) != MtlsMode.STRICT
              && after.namespace(name).of(pod).of(port) == MtlsMode.STRICT) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static Map<ObjectRef, Spec> specs(MeshSnapshot snapshot) {
    Map<ObjectRef, Spec> specs = new TreeMap<>();
    snapshot
        .namespaces()
        .values()
        .forEach(ns -> ns.peerAuthentications().forEach(p -> specs.put(p.ref(), p.spec())));
    return specs;
  }

  @Test
  void rollingBackOneNamespaceOpensItEvenUnderAStrictMesh() {
    inEachWorld(
        1000,
        world -> {
          Journey journey = new Journey(world.mesh());
          PolicyWrites blocked = journey.follow(m -> Lockdown.namespace(m, "foo", world.plan()));
          journey.meanwhile(
              m -> PlanBuilders.written(m, "istio-system", "default", Spec.of(MtlsMode.STRICT)));

          journey.follow(m -> Lockdown.undo(m, journey.ledger(), Purpose.ROLLBACK, false));

          if (!blocked.obstacles().isEmpty() || journey.ledger().isEmpty()) {
            return;
          }
          MeshModes start = MeshModes.resolve(world.mesh());
          boolean locked =
              journey.made().stream().anyMatch(change -> change.purpose() == Purpose.LOCK);
          for (Pod pod : ScopeModes.capturedPods(start.namespace("foo").facts())) {
            for (int port : new int[] {1, 80, 443, 8080, 9090}) {
              MtlsMode before = start.namespace("foo").of(pod).of(port);
              MtlsMode after = journey.modes().namespace("foo").of(pod).of(port);
              MtlsMode wanted = before == MtlsMode.DISABLE ? MtlsMode.PERMISSIVE : before;
              // What an exception has opened is not locked again by a way back.
              boolean opened = before == MtlsMode.STRICT && after == MtlsMode.PERMISSIVE;
              if (locked && !opened) {
                assertEquals(wanted, after, pod.ref() + " port " + port);
              }
            }
          }
        });
  }

  @Test
  void undoingNeverDisablesUnlessAPersonAsked() {
    noWriteOfTheWayBack(
        false, "disables", (a, b) -> a != MtlsMode.DISABLE && b == MtlsMode.DISABLE);
  }

  @Test
  void undoingNeverLeapsFromStrictToDisable() {
    noWriteOfTheWayBack(true, "leaps", (a, b) -> a == MtlsMode.STRICT && b == MtlsMode.DISABLE);
  }

  /** Takes any port from one mode to another that is forbidden. */
  private static void noWriteOfTheWayBack(
      boolean person, String what, BiPredicate<MtlsMode, MtlsMode> forbidden) {
    inEachWorld(
        1000,
        world -> {
          Journey journey = new Journey(world.mesh());
          lockEverything(journey, world.plan());
          int forward = journey.made().size();
          MeshModes modes = journey.modes();

          journey.follow(m -> Lockdown.undo(m, journey.ledger(), Purpose.ROLLBACK, person));

          for (PolicyChange change : journey.made().subList(forward, journey.made().size())) {
            MeshModes after = MeshModes.resolve(Snapshots.apply(modes.snapshot(), change));
            assertFalse(anyPort(modes, after, forbidden), what + ": " + change);
            modes = after;
          }
        });
  }

  @Test
  void stepsOfNamespacesAndMeshMayComeInAnyOrder() {
    inEachWorld(
        1000,
        (world, draw) -> {
          Journey journey = new Journey(world.mesh());
          Set<String> locked = new TreeSet<>();
          for (int n = 0; n < 40; n++) {
            int who = draw.below(3);
            PolicyWrites next =
                who == 2
                    ? Lockdown.mesh(journey.modes(), world.plan(), locked, Set.of())
                    : Lockdown.namespace(journey.modes(), NAMES.get(who), world.plan());
            if (next.changes().isEmpty()) {
              if (who < 2 && next.done()) {
                locked.add(NAMES.get(who));
              }
            } else {
              assertTrue(
                  who < 2 || locked.containsAll(captured(journey.modes())), "mesh came first");
              journey.write(next.changes().getFirst());
            }
          }

          for (String name : locked) {
            assertLocked(journey.modes(), name, world.plan());
          }
        });
  }

  private static List<String> captured(MeshModes modes) {
    return NAMES.stream().filter(n -> modes.namespace(n).facts().capturedPods() > 0).toList();
  }
}
