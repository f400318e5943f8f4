// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.Expectation;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.RepeatedProbe;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.MeshReach;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RefusedCall;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.IgnoredClients;
import io.mtlsmigration.rollout.gates.ProbeCover;
import io.mtlsmigration.rollout.gates.TrustedProbers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges by probes whether clients notice that a step was undone: since its last write every
 * endpoint was reached, and no client is refused that should get through. Proxies that acknowledge
 * the configuration are believed only where no probes can be made. Pure.
 *
 * <p>A client that a person ignores holds no undo, and neither does one whose word does not count
 * by itself ({@link TrustedProbers}) where another one has called in the same way and got through.
 * Where nobody has, it may be right, and a person decides.
 */
final class RollbackVerification {

  private final GateContext context;
  private final Instant last;

  /** Clients whose refusals hold nothing. */
  private final Set<String> doubted = new TreeSet<>();

  private RollbackVerification(GateContext context, Instant last) {
    this.context = context;
    this.last = last;
  }

  /**
   * The verdict on a rollback.
   *
   * @param waitsFor null when the rollback is complete
   * @param note the evidence, where it is not probes alone: the end of a sentence
   */
  record Verdict(@Nullable String waitsFor, String note) {
    static Verdict waits(String waitsFor) {
      return new Verdict(waitsFor, "");
    }

    static Verdict felt(String note) {
      return new Verdict(null, note);
    }
  }

  /** Returns the verdict on a step with nothing left to take back, and with synced proxies. */
  public static Verdict of(GateContext context) {
    return new RollbackVerification(context, last(context)).verdict();
  }

  /** Returns the step with the calls of clients with a proxy that are refused since. */
  static StepRecord kept(GateContext context) {
    RollbackVerification run = new RollbackVerification(context, last(context));
    Map<RefusedCall, Instant> calls = new HashMap<>();
    for (NamespaceFacts facts : run.subjects()) {
      run.refused(facts).stream()
          .filter(Cell::meshClient)
          .forEach(cell -> calls.put(RefusedCall.of(cell), cell.checkedAt()));
    }
    return FailedCalls.kept(context, run.last, calls);
  }

  private static Instant last(GateContext context) {
    StepRecord step = context.step();
    Instant last = step.lastWrite();
    if (last == null) {
      // Others have made the change, at the latest when it was seen; it may have been seen by
      // another process, before this one led.
      last = step.openSince().isAfter(step.since()) ? step.openSince() : step.since();
    }
    return last;
  }

  private Verdict verdict() {
    List<String> unprobed = new ArrayList<>();
    for (NamespaceFacts facts : subjects()) {
      Optional<Cell> refused = refused(facts).stream().findFirst();
      if (refused.isPresent()) {
        return waitsFor(refused.get());
      }
      ProbeCover cover = ProbeCover.of(context, facts, this::since);
      unprobed.addAll(cover.leftOut());
      cover.awaited().forEach(endpoint -> unprobed.add(endpoint.toString()));
      for (ProbeCover.Endpoint endpoint : missing(cover)) {
        switch (seen(facts.name(), endpoint)) {
          case NOTHING -> {
            return Verdict.waits("no probe has reached " + endpoint + " since the last write");
          }
          case NOBODY_PROBES -> unprobed.add(endpoint.toString());
          case DOES_NOT_LISTEN -> unprobed.add(endpoint + " (where nobody listens)");
          case REFUSED_BY_OTHERS ->
              unprobed.add(endpoint + " (where what others have written refuses all)");
        }
      }
    }
    String untold = FailedCalls.untold(context, last);
    return untold == null ? Verdict.felt(note(unprobed) + doubts()) : Verdict.waits(untold);
  }

  private Verdict waitsFor(Cell refused) {
    return Verdict.waits(
        refused.from()
            + " is still refused at "
            + refused.endpoint()
            + IgnoredClients.offer(context.plan().name(), List.of(refused.from())));
  }

  /** Returns calls that should get through and are refused. */
  private List<Cell> refused(NamespaceFacts facts) {
    List<Cell> cells = context.cells().of(facts.name());
    List<Cell> refused =
        cells.stream()
            .filter(cell -> since(cell) && !dropped(cell))
            .filter(cell -> cell.outcome() == ProbeOutcome.REFUSED)
            .filter(cell -> expected(cell) == ProbeOutcome.OK)
            .toList();
    IgnoredClients ignored = IgnoredClients.of(context.spec());
    Set<String> who =
        refused.stream()
            .map(Cell::from)
            .filter(client -> !ignored.ignores(client))
            .collect(Collectors.toCollection(TreeSet::new));
    boolean believed = TrustedProbers.believed(context.observation(), facts.name(), who);
    List<Cell> counted = new ArrayList<>();
    for (Cell cell : refused) {
      if (who.contains(cell.from()) && (believed || !contradicted(cell, cells))) {
        counted.add(cell);
      } else {
        doubted.add(cell.from());
      }
    }
    return counted;
  }

  /** Returns whether another client has called in the same way since, and got through. */
  private boolean contradicted(Cell refused, List<Cell> cells) {
    return cells.stream()
        .anyMatch(
            cell ->
                since(cell)
                    && cell.reaches()
                    && !cell.from().equals(refused.from())
                    && cell.to().equals(refused.to())
                    && cell.endpoint().equals(refused.endpoint())
                    && plaintext(cell) == plaintext(refused));
  }

  private static boolean plaintext(Cell cell) {
    return cell.clientTls() == null
        ? !cell.meshClient()
        : cell.clientTls() != ClientTls.ISTIO_MUTUAL;
  }

  private String doubts() {
    return doubted.isEmpty()
        ? ""
        : "; not counted are refusals that only these clients tell of, which are ignored, or"
            + " contradicted by others: "
            + Words.list(List.copyOf(doubted));
  }

  private List<ProbeCover.Endpoint> missing(ProbeCover cover) {
    return required() ? cover.missing() : List.of();
  }

  /** Returns whether probes are required; with an override, endpoints may never be reached. */
  private boolean required() {
    GateResult probes = context.step().gate(Gate.PROBES);
    return context.spec().gates().probes()
        && (probes == null || probes.reason() != Reason.OVERRIDDEN);
  }

  private String note(List<String> unprobed) {
    if (!required()) {
      return ", by what the proxies say: no probes are asked for";
    }
    return unprobed.isEmpty()
        ? ""
        : "; by what the proxies say alone where nobody probes: " + Words.list(unprobed);
  }

  /**
   * Returns whether a failed cell is no longer probed. Failures are probed in every round, except
   * for those that the client's proxy does not know, and those in plaintext now, which would count
   * as plaintext: after the return to DISABLE, probes that were refused before the proxies had
   * followed are not repeated. The age of a cell alone does not show it: rounds may take long, and
   * a person who probes one pair ends none. So a whole round has to have begun since, and to have
   * ended without it; and the probe is old, or from before the proxies had followed.
   */
  private boolean dropped(Cell cell) {
    MeshModes modes = context.observation().modes();
    Instant begun = cell.checkedAt();
    return context.cells().rounds().begun(cell.serverNamespace()).isAfter(begun)
        && (begun.isBefore(context.step().openSince())
            || context.cells().asOf().isAfter(begun.plus(context.limits().probeAge())))
        && RepeatedProbe.of(cell, modes)
            .map(target -> target.passedOver(Reachability.of(modes)))
            .orElse(true);
  }

  /**
   * Returns what is expected of a probe. A refusal that was expected when it began may not be any
   * more: the mesh is seen to have changed a while after it has.
   */
  private @Nullable ProbeOutcome expected(Cell cell) {
    MeshModes modes = context.observation().modes();
    return cell.expected() == ProbeOutcome.REFUSED
        ? RepeatedProbe.of(cell, modes)
            .map(target -> Expectation.of(target, Reachability.of(modes)).outcome())
            .orElse(cell.expected())
        : cell.expected();
  }

  private boolean since(Cell cell) {
    return cell.checkedAt().isAfter(last);
  }

  /** The state of an endpoint that no probe has reached. */
  private enum Seen {
    NOTHING,
    /** A whole round has begun and ended since, and had no client for this endpoint. */
    NOBODY_PROBES,
    /** The server itself does not listen: a proxy that refuses accepts the connection first. */
    DOES_NOT_LISTEN,
    /** The current configuration refuses it, which is not this step's to take back. */
    REFUSED_BY_OTHERS
  }

  private Seen seen(String namespace, ProbeCover.Endpoint endpoint) {
    boolean after = false;
    boolean probed = false;
    boolean refused = false;
    for (Cell cell : context.cells().of(namespace)) {
      if (cell.to().equals(endpoint.to()) && endpoint.isOf(cell) && !cell.neverMade()) {
        if (since(cell) && cell.exitCode() == ProbeOutcome.NOT_CONNECTED) {
          return Seen.DOES_NOT_LISTEN;
        }
        probed = true;
        after |= since(cell);
        refused |=
            since(cell)
                && cell.outcome() == ProbeOutcome.REFUSED
                && expected(cell) == ProbeOutcome.REFUSED;
      }
    }
    if (refused) {
      return Seen.REFUSED_BY_OTHERS;
    }
    // A round has come and gone, and left out this endpoint; or probes get no answer. What a person
    // probes is no round.
    Instant enough = last.plus(context.limits().drain()).plus(context.limits().probeAge());
    boolean round = context.cells().rounds().begun(namespace).isAfter(probed ? enough : last);
    boolean late = after && context.now().isAfter(enough);
    return late || (!after && round) ? Seen.NOBODY_PROBES : Seen.NOTHING;
  }

  /** Returns the namespaces of the step; for the mesh those whose mode came from its policy. */
  private List<NamespaceFacts> subjects() {
    if (!context.isMesh()) {
      return List.of(context.facts());
    }
    MeshModes modes = context.observation().modes();
    List<NamespaceFacts> subjects = new ArrayList<>();
    for (String namespace : MeshReach.namespaces(modes)) {
      NamespaceFacts facts = modes.snapshot().namespace(namespace);
      if (facts != null) {
        subjects.add(facts);
      }
    }
    return subjects;
  }
}
