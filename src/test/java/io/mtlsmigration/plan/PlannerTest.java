// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.cronJob;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.plan.PlanBuilders.plan;
import static io.mtlsmigration.plan.PlanBuilders.wave;
import static io.mtlsmigration.plan.PlanBuilders.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec.Scope;
import io.mtlsmigration.plan.PlanSpec.Target;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlannerTest {

  private static final PlanLimits LIMITS = PlanLimits.REAL_MESH;

  @Test
  void beginsWithOneNamespaceAndEndsWithTheMesh() {
    PlanReport report = report(plan().build(), Worlds.task());

    assertEquals(List.of(), report.problems());
    assertEquals(List.of(List.of("bar"), List.of("foo")), members(report.waves()));
    assertEquals(
        List.of("bar", "foo", "istio-system"),
        report.changes().stream().map(c -> c.ref().namespace()).toList());
  }

  @Test
  void leavesTheMeshAloneWhenOnlyNamespacesAreWanted() {
    PlanReport report = report(plan().scope("foo").build(), Worlds.task());

    assertEquals(List.of("foo"), report.changes().stream().map(c -> c.ref().namespace()).toList());
  }

  @Test
  void wavesGrowSoThatAMistakeMeetsFew() {
    NamespaceBuilder[] twenty =
        IntStream.range(0, 20)
            .mapToObj(i -> Worlds.injected("ns-%02d".formatted(i)))
            .toArray(NamespaceBuilder[]::new);

    PlanReport report = report(plan().build(), mesh(twenty));

    assertEquals(
        List.of(1, 2, 5, 10, 2), report.waves().stream().map(w -> w.members().size()).toList());
  }

  static Stream<Arguments> risks() {
    NamespaceBuilder calm = Worlds.injected("z");
    return Stream.of(
        argumentSet("pods without a proxy", calm, Worlds.injected("a").with(pod("old"))),
        argumentSet("more pods", calm, Worlds.injected("a").with(sidecarPod("more"))),
        argumentSet(
            "published services",
            calm,
            Worlds.injected("a").with(service("web").type(Service.Type.NODE_PORT).port(80, 80))),
        argumentSet(
            "findings",
            calm,
            Worlds.injected("a").with(policy("w", MtlsMode.DISABLE).selector("app", "curl"))),
        argumentSet("nothing but the name", Worlds.injected("a"), Worlds.injected("b")));
  }

  @ParameterizedTest
  @MethodSource("risks")
  void theLeastRiskyGoFirst(NamespaceBuilder first, NamespaceBuilder second) {
    PlanReport report = report(plan().build(), mesh(first, second));

    assertEquals(
        List.of(List.of(first.build().name()), List.of(second.build().name())),
        members(report.waves()));
  }

  @Test
  void aNamespaceComesAfterThoseWhoseClientsAreCaptured() {
    CallGraph calls = new CallGraph(Map.of("bar", Set.of("legacy"), "foo", Set.of("bar")));

    PlanReport report =
        Planner.plan(plan().build(), MeshModes.resolve(Worlds.task()), LIMITS, calls);

    assertEquals(List.of(List.of("foo"), List.of("bar")), members(report.waves()));
    String reason = report.waves().getLast().members().getFirst().reason();
    assertTrue(reason.contains("1 calling namespace with pods without a proxy"), reason);
  }

  @Test
  void everyPlaceHasAReason() {
    PlanReport report = report(plan().build(), mesh(Worlds.injected("a").with(pod("old"))));

    String reason = report.waves().getFirst().members().getFirst().reason();
    assertTrue(reason.startsWith("2 captured pods, 1 without a proxy"), reason);
  }

  @Test
  void takesGivenWavesAsTheyAreAndSelectorsWhatIsLeft() {
    PlanSpec spec =
        plan()
            .waves(
                wave("first", "foo"),
                wave("team", LabelSelector.ofLabels(Map.of("team", "a"))),
                wave("rest", LabelSelector.EVERYTHING))
            .build();
    MeshSnapshot mesh =
        mesh(
            Worlds.foo().label("team", "a"),
            Worlds.bar(),
            Worlds.injected("baz").label("team", "a"));

    PlanReport report = report(spec, mesh);

    assertEquals(List.of(List.of("foo"), List.of("baz"), List.of("bar")), members(report.waves()));
    assertEquals(List.of(), report.problems());
  }

  @Test
  void aSelectorDoesNotTakeWhatALaterWaveNames() {
    PlanSpec spec =
        plan().waves(wave("rest", LabelSelector.EVERYTHING), wave("last", "bar")).build();

    PlanReport report = report(spec, Worlds.task());

    assertEquals(List.of(List.of("foo"), List.of("bar")), members(report.waves()));
  }

  static Stream<Arguments> exempt() {
    NamespaceBuilder system = Worlds.injected("kube-system");
    return Stream.of(
        argumentSet("Kubernetes' own", system, plan().build(), "Kubernetes' own"),
        argumentSet("named in scope", system, plan().scope("kube-system").build(), ""),
        argumentSet(
            "named in a wave",
            system,
            plan().target(Target.NAMESPACES).waves(wave("one", "kube-system")).build(),
            ""),
        argumentSet("nothing captured", Worlds.legacy(), plan().build(), "nothing captured"),
        argumentSet("usual", Worlds.foo(), plan().build(), ""));
  }

  @ParameterizedTest
  @MethodSource("exempt")
  void leavesOutWhatNeedsNoLock(NamespaceBuilder namespace, PlanSpec spec, String why) {
    PlanReport report = report(spec, mesh(namespace("istio-system"), namespace));

    String name = namespace.build().name();
    assertEquals(why.isEmpty(), members(report.waves()).contains(List.of(name)));
    assertTrue(report.exempt().getOrDefault(name, "").startsWith(why), report.toString());
    assertEquals(!why.isEmpty(), report.exempt().containsKey(name));
  }

  @Test
  void leavesOutWhatIsBeingDeleted() {
    NamespaceFacts foo = Worlds.foo().build();
    NamespaceFacts going =
        new NamespaceFacts(
            foo.name(),
            foo.uid(),
            foo.labels(),
            foo.annotations(),
            true,
            foo.pods(),
            foo.services(),
            foo.endpointSlices(),
            foo.peerAuthentications(),
            foo.destinationRules(),
            foo.sidecars(),
            foo.others(),
            foo.unreadable());

    PlanReport report =
        report(plan().target(Target.NAMESPACES).build(), mesh(Worlds.bar()).with(going));

    assertEquals(List.of(List.of("bar")), members(report.waves()));
    assertEquals(Map.of("foo", "is being deleted"), report.exempt());
  }

  @Test
  void opensExemptNamespacesWithCapturedPodsBeforeTheMesh() {
    PlanReport report =
        report(
            plan().build(),
            mesh(namespace("istio-system"), Worlds.foo(), Worlds.injected("kube-system")));

    assertEquals(
        List.of(Purpose.LOCK, Purpose.EXEMPT, Purpose.LOCK),
        report.changes().stream().map(PolicyChange::purpose).toList());
    assertEquals("kube-system", report.changes().get(1).ref().namespace());
    assertEquals(Map.of(), report.obstacles());
  }

  static Stream<Arguments> scopes() {
    LabelSelector teamA = LabelSelector.ofLabels(Map.of("team", "a"));
    return Stream.of(
        argumentSet("names", new Scope(List.of("foo"), null), Set.of("foo")),
        argumentSet("labels", new Scope(List.of(), teamA), Set.of("bar")),
        argumentSet("either", new Scope(List.of("foo"), teamA), Set.of("foo", "bar")),
        argumentSet(
            "names beside an empty selector",
            new Scope(List.of("foo"), LabelSelector.EVERYTHING),
            Set.of("foo")),
        argumentSet("everything", Scope.EVERYTHING, Set.of("foo", "bar", "baz")));
  }

  @ParameterizedTest
  @MethodSource("scopes")
  void isAboutTheNamespacesOfItsScope(Scope scope, Set<String> expected) {
    MeshSnapshot mesh = mesh(Worlds.foo(), Worlds.bar().label("team", "a"), Worlds.injected("baz"));

    PlanReport report = report(plan().target(Target.NAMESPACES).scope(scope).build(), mesh);

    assertEquals(
        expected, Set.copyOf(members(report.waves()).stream().flatMap(List::stream).toList()));
  }

  @Test
  void theRootNamespaceIsInNoWave() {
    PlanReport report =
        report(plan().build(), mesh(namespace("istio-system").with(sidecarPod("grafana"))));

    assertEquals(List.of(), report.waves());
    assertEquals(Map.of(), report.exempt());
  }

  @Test
  void showsAllStagesOfANamespace() {
    PlanReport report =
        report(
            plan().scope("foo").build(),
            mesh(Worlds.foo().with(policy("default", MtlsMode.DISABLE))));

    assertEquals(
        List.of(Purpose.ENABLE, Purpose.LOCK),
        report.changes().stream().map(PolicyChange::purpose).toList());
  }

  @Test
  void showsWhatAPersonHasToClearWithoutRefusingThePlan() {
    PlanReport report =
        report(
            plan().build(),
            mesh(Worlds.foo().with(policy("w", MtlsMode.DISABLE).selector("app", "curl"))));

    assertEquals(List.of(), report.problems());
    assertEquals(Set.of("foo", "mesh"), report.obstacles().keySet());
  }

  static Stream<Arguments> periods() {
    return Stream.of(
        argumentSet(
            "rarer than the window",
            Duration.ofDays(7),
            List.of(
                "CronJob legacy/report, which has no proxy, runs PT168H apart, more than the"
                    + " plaintext window of PT24H: the gate will hold")),
        argumentSet(
            "of which nobody knows how rare",
            JobTemplate.UNKNOWN_PERIOD,
            List.of(
                "CronJob legacy/report, which has no proxy, has a schedule that cannot be read, and"
                    + " may run more rarely than any window shows: the gate will hold")),
        argumentSet("as often as the window is long", Duration.ofHours(24), List.of()),
        argumentSet("suspended", null, List.of()));
  }

  @ParameterizedTest
  @MethodSource("periods")
  void warnsOfClientsThatCallMoreRarelyThanIsLookedFor(
      @Nullable Duration period, List<String> warnings) {
    NamespaceBuilder legacy = namespace("legacy").with(ns -> cronJob(ns, "report", period));

    PlanReport report = report(plan().build(), mesh(Worlds.foo(), legacy));

    assertEquals(List.of(), report.problems());
    assertEquals(warnings, report.warnings());
  }

  @Test
  void planningAgainChangesNothing() {
    MeshModes modes = MeshModes.resolve(Worlds.task());

    PlanReport again = Planner.plan(plan().build(), modes);

    assertEquals(Planner.plan(plan().build(), MeshModes.resolve(Worlds.task())), again);
  }

  @Test
  void nothingIsLeftWhenAllIsAsWanted() {
    MeshSnapshot mesh = Worlds.task();
    List<PolicyChange> changes = report(plan().build(), mesh).changes();

    PlanReport report = report(plan().build(), Snapshots.apply(mesh, changes));

    assertEquals(List.of(), report.changes());
    assertEquals(Map.of(), report.obstacles());
  }

  static Stream<Arguments> worlds() {
    MeshSnapshot task = Worlds.task();
    return Stream.of(
        argumentSet("the same", Worlds.task(), true),
        argumentSet("another policy", written(task, "foo", "x", Spec.of(MtlsMode.UNSET)), false),
        argumentSet("another namespace", task.with(namespace("new").build()), false),
        argumentSet("another label", task.with(Worlds.foo().label("a", "b").build()), false),
        argumentSet("another pod", task.with(Worlds.foo().with(sidecarPod("x")).build()), false),
        argumentSet(
            "one more pod of a workload",
            task.with(
                Worlds.foo()
                    .with(
                        sidecarPod("curl-2")
                            .of("Deployment", "curl")
                            .label("pod-template-hash", "x"))
                    .build()),
            true));
  }

  @ParameterizedTest
  @MethodSource("worlds")
  void recordsTheObservationThatItWasMadeFrom(MeshSnapshot mesh, boolean same) {
    String observation = report(plan().build(), mesh).observation();

    String before = report(plan().build(), Worlds.task()).observation();
    if (same) {
      assertEquals(before, observation);
    } else {
      assertNotEquals(before, observation);
    }
    assertTrue(observation.matches("[0-9a-f]{64}"), observation);
  }

  private static PlanReport report(PlanSpec spec, MeshSnapshot mesh) {
    return Planner.plan(spec, MeshModes.resolve(mesh));
  }

  private static List<List<String>> members(List<Wave> waves) {
    return waves.stream().map(Wave::namespaces).toList();
  }
}
