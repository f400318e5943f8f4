package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The baseline: before anything changes, a client with a proxy reaches every endpoint. What fails
 * already now could not be told apart from harm done by STRICT.
 */
final class ProbeCheck implements GateCheck {

  private static final String REACHED = "every endpoint is reached by a client with a proxy";

  @Override
  public Gate gate() {
    return Gate.PROBES;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    if (!context.spec().gates().probes()) {
      return pass(context, Reason.NOT_ASKED_FOR, "the plan asks for no probes");
    }
    if (context.isMesh()) {
      return mesh(context);
    }
    List<Cell> cells = context.ownCells();
    List<String> failing = failing(context, cells, List.of());
    if (!failing.isEmpty()) {
      return failed(context, failing);
    }
    List<String> plaintext = plaintext(context, cells);
    if (!plaintext.isEmpty()) {
      return fail(
          context,
          Reason.PLAINTEXT_CLIENTS,
          "STRICT would refuse clients with a proxy that send plaintext: "
              + Words.list(plaintext)
              + "; capture client and server alike, mend the DestinationRule, or name the client in"
              + " verification.ignoreClients",
          plaintext);
    }
    return missing(context, cells);
  }

  /**
   * Clients that get through now and would not under STRICT, although they have a proxy: an Envoy
   * or ztunnel that speaks plaintext to this server (ambient to sidecar, a DestinationRule).
   */
  private static List<String> plaintext(GateContext context, List<Cell> cells) {
    List<String> found = List.of();
    IgnoredClients ignored = new IgnoredClients(context.spec().verification().ignoreClients());
    for (Cell cell : cells) {
      if (cell.meshClient()
          && cell.clientTls() != null
          && cell.clientTls() != ClientTls.ISTIO_MUTUAL
          && !ignored.ignores(cell.from())
          && fresh(context, cell)
          && becomesStrict(context, cell)) {
        found = found.isEmpty() ? new ArrayList<>() : found;
        found.add(cell.from() + " to " + cell.to() + " at " + cell.endpoint());
      }
    }
    return found;
  }

  private static boolean becomesStrict(GateContext context, Cell cell) {
    NamespaceModes modes = context.observation().modes().namespace(context.facts().name());
    if (modes.mode().mode() == MtlsMode.DISABLE) {
      return false; // clients follow DISABLE; once it is gone they are judged anew
    }
    ExceptionCover cover = ExceptionCover.of(context.facts(), context.spec().exceptions());
    return servers(context, cell)
        .anyMatch(
            server -> {
              Pod pod = server.pod();
              int port = server.targetPort();
              return pod != null
                  && pod.dataPlane().captured()
                  && modes.of(pod).of(port) == MtlsMode.PERMISSIVE
                  && !pod.inbound().bypasses(port)
                  && !cover.covers(pod, port);
            });
  }

  /** The endpoint that a probe went to; all of the port, when the client's proxy had the choice. */
  private static Stream<Backend> servers(GateContext context, Cell cell) {
    Reachability reachability = Reachability.of(context.observation().modes());
    return context.facts().services().stream()
        .filter(service -> cell.to().startsWith(service.id() + ":"))
        .flatMap(
            service ->
                service.ports().stream()
                    .filter(port -> cell.to().equals(service.id() + ":" + port.port()))
                    .flatMap(port -> reachability.backends(service, port).stream()))
        .filter(server -> cell.anyEndpoint() || isAt(cell, server));
  }

  private static boolean isAt(Cell cell, Backend server) {
    return server.pod() != null
        && server.pod().name().equals(cell.serverPod())
        && cell.endpoint().endsWith(":" + server.targetPort());
  }

  private GateResult mesh(GateContext context) {
    List<String> failing = List.of();
    for (String namespace : context.others().locked()) {
      failing = failing(context, context.cells().of(namespace), failing);
    }
    return failing.isEmpty()
        ? pass(context, Reason.HOLDS, "every probe by a client with a proxy gets through")
        : failed(context, failing);
  }

  private GateResult failed(GateContext context, List<String> failing) {
    return fail(
        context,
        Reason.PROBE_FAILED,
        "clients with a proxy do not get through already now: " + Words.list(failing),
        failing);
  }

  private static List<String> failing(GateContext context, List<Cell> cells, List<String> found) {
    List<String> all = found;
    for (Cell cell : cells) {
      boolean failed = cell.outcome() != ProbeOutcome.OK && cell.outcome() != ProbeOutcome.SKIPPED;
      if (cell.meshClient() && failed && fresh(context, cell)) {
        all = all.isEmpty() ? new ArrayList<>() : all;
        all.add(
            cell.from()
                + " to "
                + cell.to()
                + " at "
                + cell.endpoint()
                + ": "
                + Words.of(cell.outcome())
                + " ("
                + cell.httpCode()
                + ", exit "
                + cell.exitCode()
                + ")");
      }
    }
    return all;
  }

  private GateResult missing(GateContext context, List<Cell> cells) {
    if (!cells.isEmpty() && allReached(context, cells)) {
      return pass(context, Reason.HOLDS, REACHED);
    }
    Set<String> reached = new HashSet<>();
    for (Cell cell : cells) {
      if (cell.meshClient() && cell.outcome() == ProbeOutcome.OK && fresh(context, cell)) {
        reached.add(cell.anyEndpoint() ? cell.to() : cell.endpoint());
      }
    }
    if (reached.isEmpty()) {
      return context.facts().services().isEmpty()
          ? pass(context, Reason.HOLDS, "the namespace has no Service that could be probed")
          : inconclusive(
              context,
              Reason.PROBE_MISSING,
              "no probe by a client with a proxy has reached "
                  + context.facts().name()
                  + " since the plan began");
    }
    for (Cell cell : cells) {
      if (!reached.contains(cell.endpoint())
          && !reached.contains(cell.to())
          && cell.outcome() != ProbeOutcome.SKIPPED) {
        return inconclusive(
            context,
            Reason.PROBE_MISSING,
            "no client with a proxy has probed "
                + cell.to()
                + " at "
                + cell.endpoint()
                + " since the plan began");
      }
    }
    return pass(context, Reason.HOLDS, REACHED);
  }

  /** The usual case, without a set of endpoints. */
  private static boolean allReached(GateContext context, List<Cell> cells) {
    for (Cell cell : cells) {
      if (!cell.meshClient() || cell.outcome() != ProbeOutcome.OK || !fresh(context, cell)) {
        return false;
      }
    }
    return true;
  }

  private static boolean fresh(GateContext context, Cell cell) {
    Instant started = context.plan().startedAt();
    return (started == null || !cell.checkedAt().isBefore(started))
        && !cell.checkedAt().plus(context.limits().probeAge()).isBefore(context.now());
  }
}
