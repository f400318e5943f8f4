// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshBuilders.ServiceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.Expectation;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbePlan;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeResult.Completed;
import io.mtlsmigration.probe.ProbeResult.Sign;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A probe tells of the pods that it may have called, and of no other. */
final class ProbeCoverTest {

  private static final Instant NOW = QuietObservation.NOW;
  private static final String PORT = "foo/httpbin:8000 at ";

  @Test
  void aProbeOfAnyEndpointReachesThoseThatWereBehindTheService() {
    MeshSnapshot mesh = foo(httpbin(1), httpbin(2));

    ProbeCover cover = cover(mesh, probed(mesh));

    assertEquals(PORT + "10.0.0.1:8080, " + PORT + "10.0.0.2:8080", names(cover.reached()));
  }

  @Test
  void aProbeOfAnyEndpointDoesNotReachAPodThatCameAfterIt() {
    List<Cell> cells = probed(foo(httpbin(1), httpbin(2)));

    ProbeCover cover = cover(foo(httpbin(1), httpbin(3)), cells);

    assertEquals(PORT + "10.0.0.1:8080", names(cover.reached()));
    assertEquals(PORT + "10.0.0.3:8080", names(cover.awaited()));
    assertEquals("", names(cover.missing()));
  }

  @Test
  void aProbeOfAnyEndpointDoesNotReachAPodThatWasNotReady() {
    List<Cell> cells = probed(foo(httpbin(1), httpbin(2), httpbin(3).notReady()));

    ProbeCover cover = cover(foo(httpbin(1), httpbin(2), httpbin(3)), cells);

    assertEquals(PORT + "10.0.0.1:8080, " + PORT + "10.0.0.2:8080", names(cover.reached()));
    assertEquals(PORT + "10.0.0.3:8080", names(cover.awaited()));
  }

  /** As a StatefulSet's are. */
  @Test
  void aPodOfTheSameNameIsAnother() {
    MeshSnapshot mesh = foo(httpbin(1));

    assertEquals(PORT + "10.0.0.1:8080", names(cover(mesh, probed(mesh)).reached()));
    ProbeCover cover = cover(mesh, probed(foo(httpbin(1).uid("the first"))));

    assertEquals("", names(cover.reached()));
    assertEquals(PORT + "10.0.0.1:8080", names(cover.awaited()));
  }

  /** No round would ever reach it. */
  @Test
  void doesNotAwaitAPodThatNoRoundProbes() {
    MeshSnapshot mesh =
        foo(httpbin(1), httpbin(2), sidecarPod("curl").of("Deployment", "httpbin").ip("10.0.0.3"));

    ProbeCover cover = cover(mesh, probed(mesh));

    assertEquals("", names(cover.awaited()));
    assertEquals(List.of(PORT + "10.0.0.3:8080: no container declares the port"), cover.leftOut());
  }

  /** HTTP/3 beside HTTPS. */
  @Test
  void aProbeOfATcpPortDoesNotReachTheUdpPortOfItsNumber() {
    MeshSnapshot mesh =
        foo(service("httpbin").port(8000, 8080).udp(8000, 8080), httpbin(1), httpbin(2));

    ProbeCover cover = cover(mesh, probed(mesh));

    assertEquals(PORT + "10.0.0.1:8080, " + PORT + "10.0.0.2:8080", names(cover.reached()));
    assertEquals(
        List.of(
            PORT + "10.0.0.1:8080: its protocol is not probed",
            PORT + "10.0.0.2:8080: its protocol is not probed"),
        cover.leftOut());
  }

  /** Nothing tells the end of a connection by the application from a proxy's that refuses it. */
  @ParameterizedTest
  @CsvSource({"CLOSED, 0, 2", "TAKEN, 2, 0", "NONE, 2, 0"})
  void aConnectionThatIsClosedWithoutAByteReachesNoServer(Sign sign, int reached, int leftOut) {
    MeshSnapshot mesh = foo(httpbin(1), httpbin(2));
    Completed answered = new Completed(0, 0, "", Duration.ofMillis(1));
    Completed other = new Completed(0, 0, "", Duration.ofMillis(2), sign);

    List<Cell> cells = probed(mesh, new ProbeResult.Several(List.of(other, answered, answered)));
    ProbeCover cover = cover(mesh, cells);

    assertEquals(reached, cover.reached().size());
    assertEquals(leftOut, cover.leftOut().size());
    assertEquals(List.of(), cover.missing());
    assertTrue(
        cover.leftOut().stream().allMatch(words -> words.contains("closed without a byte")),
        () -> cover.leftOut().toString());
    assertTrue(cells.stream().allMatch(cell -> cell.outcome() == ProbeOutcome.OK));
    assertEquals(sign == Sign.CLOSED, cells.stream().noneMatch(Cell::reaches));
  }

  /** A client that STRICT should refuse has got through only where a server is known to answer. */
  @ParameterizedTest
  @CsvSource({"CLOSED, false", "TAKEN, true"})
  void aConnectionThatIsClosedWithoutAByteIsNoClientThatSlipsThrough(Sign sign, boolean slips) {
    MeshSnapshot mesh = foo(httpbin(1));
    Reachability reachability = Reachability.of(MeshModes.resolve(mesh));
    ProbeTarget target =
        plan(mesh)
            .choose(new ProbePlan.Bounds(100, Set.of(), 0), List.of(), List.of())
            .targets()
            .getFirst();
    Expectation refused =
        new Expectation(
            ProbeOutcome.REFUSED, Expectation.of(target, reachability).clientTls(), true);

    Cell cell = Cell.of(target, new Completed(0, 0, "", Duration.ofMillis(1), sign), NOW, refused);

    assertEquals(slips, cell.slipped());
  }

  private static MeshSnapshot foo(PodBuilder... pods) {
    return foo(service("httpbin").port(8000, 8080), pods);
  }

  private static MeshSnapshot foo(ServiceBuilder service, PodBuilder... pods) {
    return mesh(
        namespace("istio-system"),
        namespace("foo").with(pods).with(service),
        Worlds.injected("web"));
  }

  private static PodBuilder httpbin(int number) {
    return sidecarPod("httpbin-" + number)
        .of("Deployment", "httpbin")
        .ports(8080)
        .ip("10.0.0." + number);
  }

  /** A round of probes in which everybody got through. */
  private static List<Cell> probed(MeshSnapshot mesh) {
    return probed(mesh, new Completed(200, 0, "", Duration.ofMillis(1)));
  }

  private static List<Cell> probed(MeshSnapshot mesh, ProbeResult result) {
    Reachability reachability = Reachability.of(MeshModes.resolve(mesh));
    return plan(mesh)
        .choose(new ProbePlan.Bounds(100, Set.of(), 0), List.of(), List.of())
        .targets()
        .stream()
        .map(
            target ->
                Cell.of(target, result, NOW.minusSeconds(20), Expectation.of(target, reachability)))
        .toList();
  }

  private static ProbePlan plan(MeshSnapshot mesh) {
    return new ProbePlan(
        mesh, Reachability.of(MeshModes.resolve(mesh)), ProbeCoverTest::isClient, pod -> false);
  }

  private static boolean isClient(Pod pod) {
    return pod.name().equals("curl");
  }

  private static ProbeCover cover(MeshSnapshot mesh, List<Cell> cells) {
    GateContext context =
        new GateContext(
            Records.plan(Specs.namespaces("foo").spec()),
            StepRecord.begin(
                "plan", new StepKey("foo"), "uid", Phase.OBSERVING, NOW, Reason.PLAN_STARTED, ""),
            new QuietObservation(mesh),
            mesh.namespace("foo"),
            PolicyWrites.NOTHING,
            new CellIndex(
                NOW,
                new ConnectivityMatrix.Rounds(NOW, Map.of()),
                Map.of("foo", cells),
                plan(mesh).leftOut()),
            MeshReadiness.NOT_ASKED,
            GateContext.Proof.NONE,
            Limits.DEFAULT);
    return ProbeCover.of(context, context.facts(), cell -> true);
  }

  private static String names(List<ProbeCover.Endpoint> endpoints) {
    return String.join(", ", endpoints.stream().map(ProbeCover.Endpoint::toString).toList());
  }
}
