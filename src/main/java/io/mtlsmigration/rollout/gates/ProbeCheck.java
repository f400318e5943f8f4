// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshReach;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Words;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The baseline: before a change, a client with a proxy reaches every endpoint. A probe that already
 * fails now could not be told apart from harm done by STRICT.
 */
final class ProbeCheck implements GateCheck {

  private static final int MOST_UNTOLD = 10;

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
    List<Cell> failing = failing(context);
    if (!failing.isEmpty()) {
      return failed(context, failing);
    }
    List<String> plaintext =
        plaintext(context)
            .map(cell -> cell.from() + " to " + cell.to() + " at " + cell.endpoint())
            .toList();
    if (!plaintext.isEmpty()) {
      return fail(
          context,
          Reason.PLAINTEXT_CLIENTS,
          "STRICT would refuse clients with a proxy that send plaintext: "
              + Words.list(plaintext)
              + "; capture client and server alike, or mend the DestinationRule"
              + IgnoredClients.offer(context.plan().name(), clients(plaintext)),
          plaintext);
    }
    return reached(context);
  }

  @Override
  public Set<String> found(GateContext context, GateResult result) {
    return told(context).map(cell -> cell.from() + " to " + cell.to()).collect(Collectors.toSet());
  }

  private static Stream<Cell> told(GateContext context) {
    Stream<Cell> plaintext = context.isMesh() ? Stream.of() : plaintext(context);
    return Stream.concat(failing(context).stream(), plaintext);
  }

  /** Returns whether no probe tells of some endpoints, beside those at which one has failed. */
  @Override
  public @Nullable GateResult unmeasured(GateContext context, GateResult result) {
    if (result.result() == GateResult.Result.PASS || context.preparing()) {
      return null;
    }
    if (result.reason() == Reason.PROBE_MISSING) {
      return result;
    }
    List<Cell> told = told(context).toList();
    MeshModes modes = context.observation().modes();
    List<NamespaceFacts> reached =
        context.isMesh()
            ? MeshReach.namespaces(modes).stream().map(n -> modes.namespace(n).facts()).toList()
            : List.of(context.facts());
    Instant young = context.now().minus(context.limits().probeAge());
    return reached.stream()
        .map(facts -> cover(context, facts).without(told))
        .filter(cover -> cover.missing().stream().anyMatch(e -> !e.cameAfter(young)))
        .findFirst()
        .map(cover -> missing(context, cover))
        .orElse(null);
  }

  /**
   * Returns clients that get through now but would not under STRICT although they have a proxy:
   * their Envoy or ztunnel sends plaintext to this server (ambient to sidecar, a DestinationRule).
   */
  private static Stream<Cell> plaintext(GateContext context) {
    IgnoredClients ignored = IgnoredClients.of(context.spec());
    return context.ownCells().stream()
        .filter(
            cell ->
                cell.meshClient()
                    && cell.clientTls() != null
                    && cell.clientTls() != ClientTls.ISTIO_MUTUAL
                    && !ignored.ignores(cell.from())
                    && fresh(context, cell)
                    && becomesStrict(context, cell));
  }

  /** Returns the clients that sentences start with. */
  private static List<String> clients(List<String> told) {
    return told.stream().map(words -> words.substring(0, words.indexOf(' '))).toList();
  }

  private static boolean becomesStrict(GateContext context, Cell cell) {
    NamespaceModes modes = context.observation().modes().namespace(context.facts().name());
    if (modes.mode().mode() == MtlsMode.DISABLE) {
      return false; // clients follow DISABLE; they are judged again once it is gone
    }
    ExceptionCover cover = ExceptionCover.of(context.facts(), context.spec().exceptions());
    return servers(context, cell)
        .anyMatch(
            server -> {
              Pod pod = server.pod();
              int port = server.targetPort();
              return pod != null
                  && pod.governed(port)
                  && modes.of(pod).of(port) == MtlsMode.PERMISSIVE
                  && !cover.covers(pod, port);
            });
  }

  /** Returns the probed endpoint; all of the port when the client's proxy chose one. */
  private static Stream<Backend> servers(GateContext context, Cell cell) {
    Reachability reachability = Reachability.of(context.observation().modes());
    return context.facts().services().stream()
        .filter(service -> cell.to().startsWith(service.id() + ":"))
        .flatMap(
            service ->
                service.ports().stream()
                    .filter(port -> cell.to().equals(service.id(port)))
                    .flatMap(port -> reachability.backends(service, port).stream()))
        .filter(server -> cell.anyEndpoint() || isAt(cell, server));
  }

  private static boolean isAt(Cell cell, Backend server) {
    return server.pod() != null
        && server.pod().name().equals(cell.serverPod())
        && cell.endpoint().endsWith(":" + server.targetPort());
  }

  private GateResult mesh(GateContext context) {
    List<Cell> failing = failing(context);
    if (!failing.isEmpty()) {
      return failed(context, failing);
    }
    MeshModes modes = context.observation().modes();
    List<String> leftOut = new ArrayList<>();
    for (String namespace : MeshReach.namespaces(modes)) {
      ProbeCover cover = cover(context, modes.namespace(namespace).facts());
      if (!cover.missing().isEmpty()) {
        return missing(context, cover);
      }
      leftOut.addAll(cover.leftOut());
    }
    return held(context, "every probe by a client with a proxy gets through", leftOut);
  }

  private GateResult failed(GateContext context, List<Cell> cells) {
    List<String> failing = cells.stream().map(ProbeCheck::words).toList();
    List<String> clients = cells.stream().map(Cell::from).toList();
    String message =
        "clients with a proxy do not get through already now: "
            + Words.list(failing)
            + IgnoredClients.offer(context.plan().name(), clients);
    boolean believed =
        context.isMesh()
            || TrustedProbers.believed(context.observation(), context.facts().name(), clients);
    return believed
        ? fail(context, Reason.PROBE_FAILED, message, failing)
        : new GateResult(
            gate(),
            GateResult.Result.INCONCLUSIVE,
            Reason.PROBE_FAILED,
            message,
            failing,
            context.now());
  }

  /** Returns the probes that hold the gate; for the mesh step, those of the locked namespaces. */
  static List<Cell> failing(GateContext context) {
    if (!context.isMesh()) {
      return failing(context, context.ownCells(), List.of());
    }
    List<Cell> failing = List.of();
    for (String namespace : context.others().locked()) {
      failing = failing(context, context.cells().of(namespace), failing);
    }
    return failing;
  }

  private static List<Cell> failing(GateContext context, List<Cell> cells, List<Cell> found) {
    List<Cell> all = found;
    IgnoredClients ignored = IgnoredClients.of(context.spec());
    for (Cell cell : cells) {
      if (cell.meshClient()
          && cell.failed()
          && !ignored.ignores(cell.from())
          && fresh(context, cell)) {
        all = all.isEmpty() ? new ArrayList<>() : all;
        all.add(cell);
      }
    }
    return all;
  }

  /** Returns the text that the gate gives as evidence. */
  static String words(Cell cell) {
    return cell.from()
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
        + ")";
  }

  private GateResult reached(GateContext context) {
    ProbeCover cover = cover(context, context.facts());
    if (context.preparing() && !cover.missing().isEmpty()) {
      // A probe that a server accepts in plaintext would count as plaintext from a client; and the
      // next write refuses nobody.
      return pass(context, Reason.HOLDS, "DISABLE is in force; what is reached is told after it");
    }
    if (cover.reached().isEmpty()) {
      boolean nothing = context.facts().services().isEmpty() || !cover.leftOut().isEmpty();
      return nothing && cover.missing().isEmpty()
          ? held(context, "the namespace has no Service that could be probed", cover.leftOut())
          : missing(
              context,
              cover,
              "no probe by a client with a proxy has reached "
                  + context.facts().name()
                  + " since the plan began");
    }
    // Pods change all the time; the next round probes the new ones.
    Instant young = context.now().minus(context.limits().probeAge());
    return cover.missing().stream().allMatch(endpoint -> endpoint.cameAfter(young))
        ? held(context, REACHED, cover.leftOut())
        : missing(context, cover);
  }

  private static ProbeCover cover(GateContext context, NamespaceFacts facts) {
    return ProbeCover.of(context, facts, cell -> cell.meshClient() && fresh(context, cell));
  }

  private GateResult missing(GateContext context, ProbeCover cover) {
    return missing(
        context,
        cover,
        "no client with a proxy has reached "
            + cover.missingWords()
            + " since the plan began; each needs a client with a proxy that can be probed from");
  }

  private GateResult missing(GateContext context, ProbeCover cover, String message) {
    return new GateResult(
        gate(),
        GateResult.Result.INCONCLUSIVE,
        Reason.PROBE_MISSING,
        message,
        untold(context, cover.missing()),
        context.now());
  }

  /** Returns some of the probes of these endpoints that tell nothing, each with the reason. */
  private static List<String> untold(GateContext context, List<ProbeCover.Endpoint> missing) {
    Set<String> ports = missing.stream().map(ProbeCover.Endpoint::to).collect(Collectors.toSet());
    return missing.stream()
        .map(endpoint -> endpoint.service().namespace())
        .distinct()
        .flatMap(namespace -> context.cells().of(namespace).stream())
        .filter(cell -> cell.meshClient() && cell.outcome() == ProbeOutcome.SKIPPED)
        .filter(cell -> ports.contains(cell.to()))
        .map(cell -> cell.from() + " to " + cell.to() + ": " + cell.told())
        .distinct()
        .limit(MOST_UNTOLD)
        .toList();
  }

  private GateResult held(GateContext context, String message, List<String> leftOut) {
    return leftOut.isEmpty()
        ? pass(context, Reason.HOLDS, message)
        : new GateResult(
            gate(),
            GateResult.Result.PASS,
            Reason.HOLDS,
            message + ", but for what is never probed",
            leftOut,
            context.now());
  }

  private static boolean fresh(GateContext context, Cell cell) {
    Instant started = context.plan().startedAt();
    return (started == null || !cell.checkedAt().isBefore(started))
        && !Limits.old(cell.checkedAt(), context.limits().probeAge(), context.now());
  }
}
