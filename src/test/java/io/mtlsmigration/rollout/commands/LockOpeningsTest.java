// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutScenario;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What another plan has locked is opened by nobody who may not override that plan. */
final class LockOpeningsTest extends RolloutScenario {

  private void lockFoo(Specs specs) {
    start(specs.named("first"));
    mesh.untilPlan("first", PlanPhase.COMPLETED, 200);
  }

  private static Specs excepting(Specs specs) {
    return specs.named("second").except("foo", "httpbin", 8080);
  }

  private void staysLocked() {
    mesh.seconds(60);
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(
        1, facts("foo").peerAuthentications().size(), () -> String.valueOf(mesh.story("second")));
  }

  private static void refused(Executable command) {
    CommandException.NotAllowed no = assertThrows(CommandException.NotAllowed.class, command);
    assertEquals("OVERRIDE_NEEDED", no.code());
    String words = String.valueOf(no.getMessage());
    assertTrue(words.contains("foo, which plan first has locked"), words);
    assertTrue(words.contains("override"), words);
  }

  static Stream<Arguments> drafts() {
    return Stream.of(
        argumentSet("of the namespace", excepting(Specs.namespaces("foo"))),
        argumentSet("of the mesh", excepting(Specs.mesh())));
  }

  @ParameterizedTest
  @MethodSource("drafts")
  void aDraftIsNotStartedThatWouldOpenIt(Specs draft) {
    lockFoo(Specs.namespaces("foo"));
    mesh.commands.create(draft.spec(), "ann");

    refused(() -> mesh.commands.act("second", PlanAction.START, null, "ann"));

    assertEquals(PlanPhase.DRAFT, mesh.plan("second").phase());
    staysLocked();
  }

  /** It was accepted while the first plan ran, and would begin as soon as that has ended. */
  @Test
  void aDraftDoesNotStartByItselfThatWouldOpenIt() {
    start(Specs.namespaces("foo").named("first"));
    PlanSpec draft = excepting(Specs.namespaces("foo")).spec();
    mesh.commands.create(draft.starting(PlanSpec.Start.WHEN_ACCEPTED), "git");
    mesh.untilPlan("first", PlanPhase.COMPLETED, 200);

    mesh.commands.startAccepted();

    assertEquals(PlanPhase.DRAFT, mesh.plan("second").phase());
    String why = mesh.commands.waitingOn(mesh.plan("second")).getFirst().message();
    assertTrue(why.contains("/exceptions/0"), why);
    staysLocked();
  }

  /** The first plan has the same exception: nothing that is closed is opened. */
  @Test
  void aDraftWithTheSameExceptionIsStarted() {
    lockFoo(Specs.namespaces("foo").except("foo", "httpbin", 8080));

    start(excepting(Specs.namespaces("foo")));

    assertEquals(PlanPhase.RUNNING, mesh.plan("second").phase());
  }

  @Test
  void aRunningPlanThatFoundItTakesNoExceptionByKubectl() {
    lockFoo(Specs.namespaces("foo"));
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").named("second"));
    mesh.until("second", "foo", Phase.LOCKED, 100);
    PlanRecord plan = mesh.plan("second");
    PlanSpec next = excepting(Specs.namespaces("foo", "bar").wave("all", "foo", "bar")).spec();

    refused(() -> mesh.commands.replace("second", next, plan.version(), "kubectl-edit"));

    staysLocked();
  }

  @Test
  void aNamespaceIsNotExemptThatAnotherPlanHasLocked() {
    lockFoo(Specs.namespaces("foo"));
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").named("second"));
    mesh.until("second", "foo", Phase.LOCKED, 100);

    refused(() -> mesh.commands.act("second", FOO, StepAction.EXEMPT, "", "ann"));

    staysLocked();
  }

  /**
   * Its exception was added when nothing of the namespace was locked, and it was another plan's.
   */
  @Test
  void aNamespaceDoesNotJoinAPlanThatWouldOpenIt() {
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.mesh().named("second"));
    mesh.seconds(2);
    mesh.api.replace(Worlds.injected("late").build());
    mesh.world();
    start(Specs.namespaces("late").named("first").noSamples(PlanSpec.NoSamples.PASS));
    mesh.commands.addException(
        "second",
        Specs.mesh().except("late", "httpbin", 8080).spec().exceptions().getFirst(),
        null,
        "kubectl-edit");

    mesh.untilPlan("first", PlanPhase.COMPLETED, 200).seconds(60);

    assertEquals(MtlsMode.STRICT, mesh.mode("late"));
    assertEquals(
        1, facts("late").peerAuthentications().size(), () -> String.valueOf(mesh.story("second")));
  }

  /** Whoever holds the verb is asked about both plans. */
  @Test
  void isOpenedByWhoeverMayOverrideBothPlans() {
    lockFoo(Specs.namespaces("foo"));
    mesh.commands.create(excepting(Specs.namespaces("foo")).spec(), "ann");
    List<String> asked = new ArrayList<>();

    mesh.commands.act(
        "second", PlanAction.START, null, "ann", (plan, what) -> asked.add(plan + " " + what));

    String what = " /exceptions/0: an exception for foo, which plan first has locked,";
    assertEquals(List.of("second" + what, "first" + what), asked);
    assertEquals(PlanPhase.RUNNING, mesh.plan("second").phase());
  }

  private List<String> asksOnStart() {
    List<String> asked = new ArrayList<>();
    mesh.commands.act(
        "second", PlanAction.START, null, "ann", (plan, what) -> asked.add(plan + " " + what));
    return asked;
  }

  private List<String> asksFor(PlanSpec.PolicyException exception) {
    List<String> asked = new ArrayList<>();
    PlanRecord plan = mesh.plan("first");
    mesh.commands.demand(
        plan, plan.spec().excepting(exception), (name, what) -> asked.add(name + " " + what));
    return asked;
  }

  private static PlanSpec.PolicyException exception(Map<String, String> selector, Integer port) {
    return new PlanSpec.PolicyException(
        "foo", selector, port, "team-a", "scrape", LocalDate.parse("2027-03-01"), List.of());
  }

  /**
   * Late is made after the plan's end, which has no step for it; of legacy nothing was captured.
   */
  @ParameterizedTest
  @ValueSource(strings = {"late", "legacy"})
  void isOpenedByWhoeverMayOverrideThePlanOfTheMesh(String namespace) {
    start(Specs.mesh().named("first"));
    mesh.untilPlan("first", PlanPhase.COMPLETED, 400);
    mesh.api.replace(Worlds.injected(namespace).build());
    mesh.world();
    PlanSpec draft =
        Specs.namespaces(namespace).named("second").except(namespace, "httpbin", 8080).spec();
    mesh.commands.create(draft, "ann");

    String what = "/exceptions/0: an exception for " + namespace + ", which plan first has locked,";
    assertEquals(List.of("second " + what, "first " + what), asksOnStart());
  }

  /** They share some pods only, so nothing is written as long as they do. */
  @Test
  void exceptionsThatOverlapAreAskedAbout() {
    in(
        mesh(
            namespace("istio-system"),
            Worlds.foo()
                .with(sidecarPod("other").label("app", "httpbin").label("tier", "a").ports(8080)),
            Worlds.bar(),
            Worlds.legacy()));
    mesh.calls("legacy/curl", "bar/httpbin");
    start(
        Specs.namespaces("foo", "bar")
            .wave("all", "foo", "bar")
            .named("first")
            .except("foo", "httpbin", 8080));
    mesh.until("first", "foo", Phase.LOCKED, 100).seconds(5);

    assertEquals(1, asksFor(exception(Map.of("tier", "a"), 9090)).size());
    assertEquals(List.of(), asksFor(exception(Map.of("tier", "a"), 8080)));
  }

  /** By default, the plan of the mesh leaves it open as soon as a pod of it is captured. */
  @Test
  void theMeshDoesNotLeaveOpenWhatIsLockedAndHasNoPodsNow() {
    lockFoo(Specs.namespaces("foo"));
    mesh.api.replace(
        namespace("foo").with(pod("curl")).with(policy("default", MtlsMode.STRICT)).build());
    mesh.world();
    mesh.commands.create(Specs.mesh().named("second").spec(), "ann");

    refused(() -> mesh.commands.act("second", PlanAction.START, null, "ann"));
  }

  /** A person's lock, or that of a plan which was deleted. */
  @Test
  void whatNoPlanHasLockedIsNotExemptWithoutTheVerb() {
    mesh.kubectl("foo", "default", MtlsMode.STRICT);
    mesh.calls("legacy/curl", "bar/httpbin");
    start(Specs.namespaces("foo", "bar").wave("all", "foo", "bar").named("second"));
    mesh.until("second", "foo", Phase.LOCKED, 100);

    CommandException.NotAllowed no =
        assertThrows(
            CommandException.NotAllowed.class,
            () -> mesh.commands.act("second", FOO, StepAction.EXEMPT, "", "ann"));

    assertEquals("OVERRIDE_NEEDED", no.code());
    assertTrue(String.valueOf(no.getMessage()).contains("foo, which is STRICT,"));
  }

  /** Another one is started while the caller's right is looked up. */
  @Test
  void aPlanThatWasStartedMeanwhileIsSeen() {
    lockFoo(Specs.namespaces("foo"));
    mesh.commands.create(excepting(Specs.namespaces("foo")).spec(), "ann");
    mesh.commands.create(Specs.namespaces("foo").named("third").spec(), "bea");
    Overriding slow =
        (plan, what) -> {
          if (mesh.plan("third").phase() == PlanPhase.DRAFT) {
            mesh.commands.act("third", PlanAction.START, null, "bea");
          }
        };

    CommandException.NotAllowed no =
        assertThrows(
            CommandException.NotAllowed.class,
            () -> mesh.commands.act("second", PlanAction.START, null, "ann", slow));

    assertEquals("OVERLAP", no.code());
    assertEquals(PlanPhase.DRAFT, mesh.plan("second").phase());
  }

  /** Another one has locked more while the caller's right is looked up. */
  @Test
  void nothingIsOpenedThatWasLockedMeanwhile() {
    lockFoo(Specs.namespaces("foo"));
    mesh.commands.create(
        excepting(Specs.namespaces("foo", "bar").wave("all", "foo", "bar"))
            .except("bar", "httpbin", 8080)
            .spec(),
        "ann");
    List<String> asked = new ArrayList<>();
    Overriding slow =
        (plan, what) -> {
          if (asked.isEmpty()) {
            mesh.ledger.save(
                StepRecord.begin(
                    "first",
                    new StepKey("bar"),
                    "",
                    Phase.LOCKED,
                    mesh.clock.instant(),
                    Reason.VERIFIED,
                    ""));
          }
          asked.add(plan + " " + what);
        };

    mesh.commands.act("second", PlanAction.START, null, "ann", slow);

    assertTrue(asked.toString().contains("bar, which plan first has locked"), asked.toString());
  }
}
