// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scenario that shows everything, held to what it promises. */
final class ShowcaseTest {

  private static Scenario showcase() {
    return Scenarios.builtIn("showcase", Stage.START);
  }

  @Test
  void meetsEveryHazardInANamespaceOfItsOwn() {
    MeshModes modes = MeshModes.resolve(showcase().mesh());
    Map<HazardCode, Set<String>> met = new EnumMap<>(HazardCode.class);

    for (String namespace : modes.snapshot().namespaces().keySet()) {
      for (Finding finding : Hazards.of(modes, namespace)) {
        met.computeIfAbsent(finding.code(), c -> new TreeSet<>()).add(namespace);
      }
    }

    // One takes somebody who calls, which the scenario has, too; one is met after a lock, and one
    // by
    // the mesh as a whole.
    assertEquals(
        EnumSet.complementOf(
            EnumSet.of(
                HazardCode.CALLED_BY_ADDRESS,
                HazardCode.UNCAPTURED_UNDER_STRICT,
                HazardCode.AUTO_MTLS_OFF,
                HazardCode.PORT_POLICY_WITHOUT_MODE_ON_AMBIENT)),
        met.keySet());
    assertTrue(
        showcase().calls().stream()
            .anyMatch(
                call ->
                    call.to() instanceof TrafficCall.Address pod
                        && pod.workload().equals("by-address/app")));
    met.forEach((code, namespaces) -> assertEquals(1, namespaces.size(), code + " " + namespaces));
  }

  @Test
  void hasEveryPostureAndDataPlane() {
    MeshModes modes = MeshModes.resolve(showcase().mesh());

    Set<Posture> postures =
        modes.snapshot().namespaces().keySet().stream()
            .map(ns -> modes.namespace(ns).posture())
            .collect(Collectors.toSet());
    Set<DataPlane> planes =
        modes.snapshot().namespaces().values().stream()
            .flatMap(ns -> ns.pods().stream())
            .map(Pod::dataPlane)
            .collect(Collectors.toSet());

    assertEquals(EnumSet.allOf(Posture.class), postures);
    assertEquals(EnumSet.allOf(DataPlane.class), planes);
  }

  @Test
  void breaksThingsOfEveryKindThatStrikesAPart() {
    Set<Fault.Kind> kinds = EnumSet.noneOf(Fault.Kind.class);
    for (ScenarioEvent event : showcase().events()) {
      if (event.action() instanceof ScenarioEvent.Action.Break broken) {
        kinds.add(broken.fault().kind());
      }
    }

    assertEquals(EnumSet.complementOf(EnumSet.of(Fault.Kind.API_DOWN)), kinds);
  }

  /**
   * Every curl to every endpoint, over real sockets, before and after STRICT for the whole mesh.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void behavesAsPredicted(boolean locked) {
    try (Stage stage = Stage.of(showcase().mesh())) {
      if (locked) {
        stage.create("istio-system", io.mtlsmigration.mesh.MtlsMode.STRICT);
      }
      List<String> surprises = new ArrayList<>();
      Reachability reachability = Reachability.of(MeshModes.resolve(stage.snapshot()));
      for (ProbeTarget target : targets(stage.snapshot(), reachability)) {
        Reach expected =
            reachability
                .predict(target.client(), target.service(), target.port(), target.backend())
                .reach();
        ProbeResult result = stage.sandbox.prober().probe(target, Stage.TIMEOUT);
        if (outcome(target, result)
            != (expected == Reach.OK ? ProbeOutcome.OK : ProbeOutcome.REFUSED)) {
          surprises.add(target.from() + " → " + target.to() + ": " + expected + ", but " + result);
        }
      }

      assertEquals(List.of(), surprises);
    }
  }

  private static ProbeOutcome outcome(ProbeTarget target, ProbeResult result) {
    return result instanceof ProbeResult.Completed c
        ? ProbeOutcome.classify(
            c.httpCode(), c.exitCode(), c.body(), target.client().dataPlane().captured())
        : ProbeOutcome.SKIPPED;
  }

  private static List<ProbeTarget> targets(MeshSnapshot mesh, Reachability reachability) {
    List<Pod> clients =
        mesh.namespaces().values().stream()
            .flatMap(ns -> ns.pods().stream())
            .filter(p -> "curl".equals(p.labels().get("app")))
            .toList();
    List<ProbeTarget> targets = new ArrayList<>();
    for (var namespace : mesh.namespaces().values()) {
      for (Service service : namespace.services()) {
        for (ServicePort port : service.ports()) {
          for (Backend backend : reachability.backends(service, port)) {
            clients.forEach(c -> targets.add(new ProbeTarget(c, service, port, backend)));
          }
        }
      }
    }
    assertTrue(targets.size() > 100, "only " + targets.size());
    return targets;
  }

  /** A native image has only what is listed. */
  @ParameterizedTest
  @ValueSource(strings = {"task", "showcase"})
  void listsEveryFileOfItsFolder(String name) throws IOException, URISyntaxException {
    Path folder = Path.of(ShowcaseTest.class.getResource("/sandbox/" + name).toURI());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          files.map(f -> f.getFileName().toString()).collect(Collectors.toSet()),
          Set.copyOf(Scenarios.BUILT_IN.get(name)));
    }
  }
}
