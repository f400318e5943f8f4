// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.testing.Halted;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The process may die, or stand still and go on, anywhere. The story meets every kind of write: an
 * exception, ENABLE, locks by create and by patch, an exemption, the mesh, a rollback under mesh
 * STRICT, and the clean-up of all of it.
 */
class CrashTest {

  private static MeshSnapshot world() {
    return MeshBuilders.mesh(
        namespace("istio-system"),
        Worlds.injected("foo"),
        Worlds.injected("bar").with(policy("ours", MtlsMode.PERMISSIVE)),
        Worlds.injected("off").with(policy("default", MtlsMode.DISABLE)),
        Worlds.injected("old"),
        Worlds.legacy());
  }

  private static final class Story {
    final SimulatedMesh mesh = new SimulatedMesh(world());
    int halts;

    Story() {
      mesh.calls("bar/curl", "foo/httpbin");
      PlanSpec spec =
          Specs.mesh().noSamples(PlanSpec.NoSamples.PASS).except("foo", "httpbin", 9090).spec();
      mesh.commands.create(spec, "ann");
      mesh.commands.act("plan", PlanAction.START, null, "ann");
      mesh.commands.act("plan", new StepKey("old"), StepAction.EXEMPT, "cannot", "ann");
      begun = mesh.ledger.saves();
    }

    /** Saves that were made before the story could be halted. */
    final int begun;

    /** The process that takes a command may die too, after it has saved it. */
    private void command(Runnable command) {
      try {
        command.run();
      } catch (Halted e) {
        halts++;
      }
    }

    Map<String, String> locked = Map.of();
    Map<String, String> loosened = Map.of();

    Story tell() {
      run(() -> done(PlanPhase.COMPLETED));
      locked = mesh.effective();
      command(() -> mesh.commands.act("plan", new StepKey("bar"), StepAction.ROLLBACK, "", "ann"));
      run(() -> mesh.phase("plan", "bar") == Phase.ROLLED_BACK);
      loosened = mesh.effective();
      command(() -> mesh.commands.act("plan", PlanAction.CLEANUP, null, "ann"));
      run(() -> done(PlanPhase.CLEANED_UP));
      return this;
    }

    private boolean done(PlanPhase phase) {
      return mesh.plan("plan").phase() == phase && mesh.plan("plan").endedAt() != null;
    }

    private void run(java.util.function.BooleanSupplier until) {
      for (int i = 0; i < 400 && !until.getAsBoolean(); i++) {
        try {
          mesh.second();
        } catch (Halted e) {
          halts++;
          mesh.loop = mesh.leader();
        }
      }
      assertTrue(until.getAsBoolean(), () -> mesh.story("plan") + mesh.last);
    }

    /** Everything that anybody could see of the end. */
    String end() {
      StringBuilder end = new StringBuilder();
      end.append("locked ").append(locked).append("\nloosened ").append(loosened);
      end.append("\nend ").append(mesh.effective()).append('\n').append(policies(mesh));
      mesh.ledger
          .steps("plan")
          .forEach(s -> end.append(s.key()).append(' ').append(s.phase()).append(s.ledger()));
      return end.toString();
    }
  }

  private static Map<String, PeerAuthentication.Spec> policies(SimulatedMesh mesh) {
    Map<String, PeerAuthentication.Spec> all = new TreeMap<>();
    for (NamespaceFacts facts : mesh.api.snapshot().namespaces().values()) {
      facts
          .peerAuthentications()
          .forEach(p -> all.put(facts.name() + "/" + p.meta().name(), p.spec()));
    }
    return all;
  }

  private static final Story CALM = new Story().tell();

  @Test
  void theStoryMeetsEveryKindOfWriteAndLeavesTheMeshAsItWas() {
    SimulatedMesh fresh = new SimulatedMesh(world());

    assertEquals(
        List.of("CLEANUP", "ENABLE", "EXCEPTION", "EXEMPT", "LOCK", "ROLLBACK"),
        CALM.mesh.api.applied.stream()
            .map(i -> i.change().purpose().name())
            .distinct()
            .sorted()
            .toList());
    assertEquals("STRICT", CALM.locked.get("mesh"));
    assertEquals("PERMISSIVE {}", CALM.locked.get("old/httpbin"));
    assertEquals("STRICT {9090=PERMISSIVE}", CALM.locked.get("foo/httpbin"));
    assertEquals("PERMISSIVE {}", CALM.loosened.get("bar/httpbin"));
    assertEquals(fresh.effective(), CALM.mesh.effective());
    assertEquals(policies(fresh), policies(CALM.mesh));
  }

  static Stream<Integer> everyWrite() {
    return IntStream.rangeClosed(1, CALM.mesh.api.effects()).boxed();
  }

  @ParameterizedTest
  @MethodSource("everyWrite")
  void convergesWhenHaltedAfterAWriteAndBeforeItsRecord(int n) {
    Story story = new Story();
    story.mesh.api.haltAfter = n;

    story.tell();

    assertEquals(1, story.halts);
    assertEquals(
        CALM.end().replaceAll("(uid|resourceVersion|writtenAt)=[^,\\]]*", ""),
        story.end().replaceAll("(uid|resourceVersion|writtenAt)=[^,\\]]*", ""));
    assertEquals(CALM.mesh.api.effects(), story.mesh.api.effects());
  }

  @ParameterizedTest
  @MethodSource("everyWrite")
  void convergesWhenHaltedAfterTheIntentAndBeforeTheWrite(int n) {
    Story story = new Story();
    int[] count = {0};
    story.mesh.api.beforeApply =
        intent -> {
          if (++count[0] == n) {
            throw new Halted("before write " + n);
          }
        };

    story.tell();

    assertEquals(1, story.halts);
    assertEquals(policies(CALM.mesh), policies(story.mesh));
    assertEquals(CALM.locked, story.locked);
    assertEquals(CALM.loosened, story.loosened);
  }

  static Stream<Integer> everySave() {
    return IntStream.rangeClosed(CALM.begun + 1, CALM.mesh.ledger.saves()).boxed();
  }

  @ParameterizedTest
  @MethodSource("everySave")
  void convergesWhenHaltedAfterAnySave(int n) {
    Story story = new Story();
    story.mesh.ledger.haltAfter = n;

    story.tell();

    assertEquals(policies(CALM.mesh), policies(story.mesh));
    assertEquals(CALM.locked, story.locked);
    assertEquals(CALM.loosened, story.loosened);
  }

  @ParameterizedTest
  @MethodSource("everyWrite")
  void anOldLeaderThatWasStoppedBeforeItsWriteDoesNoHarmWhenItGoesOn(int n) {
    Story story = new Story();
    int[] count = {0};
    story.mesh.api.beforeApply =
        intent -> {
          if (++count[0] == n) {
            // Stopped here; another leader carries the plan on for a while.
            story.mesh.api.beforeApply = i -> {};
            story.mesh.loop = story.mesh.leader();
            story.mesh.seconds(30);
          }
        };

    story.tell();

    assertEquals(CALM.locked, story.locked);
    assertEquals(CALM.loosened, story.loosened);
    assertEquals(policies(CALM.mesh), policies(story.mesh));
  }

  @ParameterizedTest
  @MethodSource("everyWrite")
  void anOldLeaderThatGoesOnAfterThePlanWasRolledBackDoesNoLastingHarm(int n) {
    SimulatedMesh mesh = new Story().mesh;
    int[] count = {0};
    boolean[] resumed = {false};
    mesh.api.beforeApply =
        intent -> {
          if (++count[0] == n) {
            mesh.api.beforeApply = i -> {};
            mesh.loop = mesh.leader();
            mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
            mesh.seconds(40);
            resumed[0] = true;
          }
        };

    for (int i = 0; i < 400 && !resumed[0]; i++) {
      mesh.second();
      if (mesh.plan("plan").phase() == PlanPhase.COMPLETED) {
        return; // a write of the second half of the story
      }
    }
    mesh.seconds(40);

    SimulatedMesh fresh = new SimulatedMesh(world());
    assertEquals(fresh.effective(), mesh.effective(), () -> mesh.story("plan"));
    assertEquals(policies(fresh), policies(mesh), () -> mesh.story("plan"));
  }
}
