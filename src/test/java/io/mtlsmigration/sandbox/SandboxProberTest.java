// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SandboxProberTest {

  private final Stage stage =
      Stage.of(
          mesh(
              namespace("in").with(sidecarPod("server")).with(service("server").port(80, 8080)),
              namespace("out")
                  .with(pod("curl"), pod("late").notReady(), pod("done").terminated())));

  @AfterEach
  void stop() {
    stage.close();
  }

  private ProbeResult probe(Duration timeout) {
    return stage.sandbox.prober().probe(target("out/curl"), timeout);
  }

  private ProbeTarget target(String from) {
    return stage.targets(from, "in/server:80").get(0);
  }

  @Test
  void probesFromPodsThatRun() {
    assertTrue(stage.sandbox.prober().canProbeFrom(stage.pod("out/curl")));
    assertFalse(stage.sandbox.prober().canProbeFrom(stage.pod("out/late")));
    assertFalse(stage.sandbox.prober().canProbeFrom(stage.pod("out/done")));
    assertEquals("-", stage.outcome("out/late", "in/server:80"));
  }

  @Test
  void tellsWhatTheServerSaid() {
    var completed = assertInstanceOf(ProbeResult.Completed.class, probe(Stage.TIMEOUT));

    String address = stage.pod("out/curl").ip();
    assertEquals("{ \"origin\": \"" + address + "\" }", completed.body().replaceAll(" +", " "));
  }

  @Test
  void cannotProbeFromAPodThatIsGone() {
    ProbeTarget target = target("out/curl");
    stage.sandbox.happen(new ScenarioEvent.Action.Delete(target.client().ref()));

    assertInstanceOf(
        ProbeResult.NotPossible.class, stage.sandbox.prober().probe(target, Stage.TIMEOUT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "out", "out/curl"})
  void waitsNoLongerThanItsTimeoutForAnExecThatHangs(String target) {
    stage.fault(Fault.Kind.EXEC_HANGS, target, Duration.ofSeconds(60));

    assertInstanceOf(ProbeResult.NotPossible.class, probe(Duration.ofMillis(20)));
  }

  @Test
  void probesPastAFaultThatStrikesOthers() {
    stage.fault(Fault.Kind.EXEC_HANGS, "in", Duration.ofSeconds(60));

    assertInstanceOf(ProbeResult.Completed.class, probe(Stage.TIMEOUT));
  }

  @Test
  void cannotProbeThroughAnApiServerThatIsDown() {
    stage.fault(Fault.Kind.API_DOWN, "", Duration.ofSeconds(60));

    assertInstanceOf(ProbeResult.NotPossible.class, probe(Stage.TIMEOUT));

    stage.clock.advance(Duration.ofSeconds(60));
    assertInstanceOf(ProbeResult.Completed.class, probe(Stage.TIMEOUT));
  }
}
