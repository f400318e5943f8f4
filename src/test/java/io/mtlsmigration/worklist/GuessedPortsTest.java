// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.Cells;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.sandbox.MemoryLedger;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Failed probes of ports whose names tell no protocol, and of others. */
final class GuessedPortsTest {

  private static final String RESET =
      "1 of 3 calls failed: upstream connect error or disconnect/reset before headers. reset"
          + " reason: ";

  private final List<Cell> cells = new ArrayList<>();

  private void probed(
      int port, ProbeOutcome outcome, int httpCode, ProbeOutcome expected, String detail) {
    cells.add(
        Cells.made(
            "foo/curl",
            "foo/db:" + port,
            "10.0.0.1:" + port,
            "db",
            true,
            outcome,
            httpCode,
            httpCode == 0 ? 52 : 0,
            expected,
            1,
            QuietObservation.NOW,
            detail,
            null));
  }

  /** Items for failed probes, by kind and subject. */
  private List<Item> items() {
    MeshSnapshot facts =
        mesh(
            namespace("istio-system"),
            namespace("foo")
                .with(sidecarPod("curl"), sidecarPod("db").ports(7000, 7001, 8000, 9000))
                .with(
                    service("db")
                        .port("", 7000, "7000")
                        .port("data", 7001, "7001")
                        .port("http-admin", 8000, "8000")
                        .port("tcp", 9000, "9000")));
    MeshSnapshot mesh =
        new MeshSnapshot(
            facts.settings(), QuietObservation.NOW, facts.namespaces(), List.of(), List.of());
    QuietObservation seen =
        new QuietObservation(mesh) {
          @Override
          public ConnectivityMatrix matrix() {
            return new ConnectivityMatrix(NOW, cells);
          }
        };
    return Worklist.of(
            seen,
            new PlanCommands(
                    new MemoryLedger(),
                    () -> seen,
                    Clock.fixed(QuietObservation.NOW, ZoneOffset.UTC),
                    Limits.DEFAULT,
                    PlanLimits.REAL_MESH)
                .holds(seen),
            new Owners(mesh, List.of()))
        .items()
        .stream()
        .filter(item -> item.evidence().stream().anyMatch(told -> told.contains("foo/db:")))
        .toList();
  }

  private List<String> told() {
    return items().stream().map(item -> item.kind() + " " + item.subject()).sorted().toList();
  }

  @ParameterizedTest
  @CsvSource({
    "7000, REFUSED, 0, OK, '', NAME_PORT Service foo/db",
    "7001, REFUSED, 0, OK, '', NAME_PORT Service foo/db",
    "7000, TIMEOUT, 0, OK, '', NAME_PORT Service foo/db",
    "7000, REFUSED, 503, OK, connection termination, NAME_PORT Service foo/db",
    "7000, REFUSED, 503, OK, protocol error, NAME_PORT Service foo/db",
    "7000, REFUSED, 503, OK, remote connection failure, CLEAR_GATE Namespace foo",
    "7000, UNREACHABLE, 0, OK, '', CLEAR_GATE Namespace foo",
    "7000, REFUSED, 0, REFUSED, '', CLEAR_GATE Namespace foo",
    "8000, REFUSED, 0, OK, '', CLEAR_GATE Namespace foo",
    "9000, REFUSED, 0, OK, '', CLEAR_GATE Namespace foo"
  })
  void aNameIsAskedForWhereNoneToldTheProtocolAndTheServerWasReached(
      int port, ProbeOutcome outcome, int code, ProbeOutcome expected, String reset, String item) {
    probed(port, outcome, code, expected, reset.isEmpty() ? "" : RESET + reset);

    assertEquals(List.of(item), told());
  }

  @Test
  void theGateIsStillAnItemForTheOthersThatFail() {
    probed(7000, ProbeOutcome.REFUSED, 0, ProbeOutcome.OK, "");
    probed(8000, ProbeOutcome.REFUSED, 0, ProbeOutcome.OK, "");

    assertEquals(List.of("CLEAR_GATE Namespace foo", "NAME_PORT Service foo/db"), told());
  }

  @Test
  void portsOfOneServiceAreOneItemWithOneCommand() {
    probed(7000, ProbeOutcome.REFUSED, 0, ProbeOutcome.OK, "");
    probed(7001, ProbeOutcome.TIMEOUT, 0, ProbeOutcome.OK, "");

    Item item = items().getFirst();
    assertEquals(
        "kubectl -n foo patch service/db --type=json -p '["
            + "{\"op\":\"test\",\"path\":\"/spec/ports/0/port\",\"value\":7000},"
            + "{\"op\":\"add\",\"path\":\"/spec/ports/0/appProtocol\",\"value\":\"tcp\"},"
            + "{\"op\":\"test\",\"path\":\"/spec/ports/1/port\",\"value\":7001},"
            + "{\"op\":\"add\",\"path\":\"/spec/ports/1/appProtocol\",\"value\":\"tcp\"}]'",
        item.remedy());
  }
}
