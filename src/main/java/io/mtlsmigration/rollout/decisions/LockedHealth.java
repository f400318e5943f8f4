// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RefusedCall;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.gates.CaptureCheck;
import io.mtlsmigration.rollout.gates.CellIndex;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.GovernedServers;
import io.mtlsmigration.rollout.gates.HazardCheck;
import io.mtlsmigration.rollout.gates.IgnoredClients;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Checks whether a locked step works: mesh clients get through, and all others do not. A step that
 * fails this stays LOCKED, because nobody has weakened it, but is reported as unhealthy. Pure;
 * costs a look at each pod and finding of the namespace.
 */
public final class LockedHealth {

  /** Findings of clients with a proxy that STRICT refuses. */
  private static final Set<HazardCode> REFUSING =
      EnumSet.of(HazardCode.DESTINATION_RULE_DISABLES_MTLS, HazardCode.AUTO_MTLS_OFF);

  /** How much older than others a refusal may be while its round goes on: a round may take long. */
  private static final int ROUND = 3;

  private final GateContext context;
  private final List<Ailment> found = new ArrayList<>();

  private LockedHealth(GateContext context) {
    this.context = context;
  }

  /** The kinds of problems of a locked step. */
  public enum Cause {
    /** Clients with a proxy send what STRICT refuses. */
    CLIENTS_REFUSED,
    /** Serving pods have no proxy: STRICT does not protect them. */
    PODS_UNCAPTURED,
    /** An exception of the plan is not in force: its clients are refused. */
    EXCEPTION_CLOSED,
    /** Clients were refused some time ago, and have not been probed since. */
    EVIDENCE_LOST
  }

  /**
   * One problem of a locked step.
   *
   * @param message a sentence that names the client or object and the place
   * @param calls those that probes have shown to be refused
   */
  public record Ailment(Cause cause, String message, List<String> calls) {
    public Ailment {
      calls = List.copyOf(calls);
    }

    Ailment(Cause cause, String message) {
      this(cause, message, List.of());
    }

    /** Returns the reason for events and conditions. */
    public Reason reason() {
      return switch (cause) {
        case CLIENTS_REFUSED -> Reason.CLIENTS_REFUSED;
        case PODS_UNCAPTURED -> Reason.PODS_UNCAPTURED;
        case EXCEPTION_CLOSED -> Reason.NOT_ENFORCED;
        case EVIDENCE_LOST -> Reason.EVIDENCE_LOST;
      };
    }
  }

  /**
   * Returns all problems of a step.
   *
   * @return empty when the step is healthy or not locked, when the observation is too old to tell,
   *     and when nobody {@link #watches watches} it any more
   */
  public static List<Ailment> of(
      PlanRecord plan, StepRecord step, Observation observation, Limits limits) {
    if (step.phase() != Phase.LOCKED || !watches(plan, step)) {
      return List.of();
    }
    NamespaceFacts facts = observation.modes().snapshot().namespace(step.key().namespace());
    NamespaceFacts known = facts == null ? NamespaceFacts.empty(step.key().namespace()) : facts;
    return of(
        new GateContext(
            plan,
            step,
            observation,
            known,
            PolicyWrites.NOTHING,
            CellIndex.of(observation.matrix()),
            MeshReadiness.NOT_ASKED,
            GateContext.Proof.NONE,
            limits));
  }

  /**
   * Returns whether a locked step is the plan's to look after. What a plan that is undone had found
   * STRICT may not be so any more; what it has locked itself may wait long for its turn.
   */
  public static boolean watches(PlanRecord plan, StepRecord step) {
    return !plan.undoing() || (plan.beingUndone() && !step.found());
  }

  /** Returns all problems of the step of a context. */
  public static List<Ailment> of(GateContext context) {
    return context.stale() ? List.of() : new LockedHealth(context).judged();
  }

  private List<Ailment> judged() {
    context.namespaces().forEach(this::clients);
    remembered();
    if (context.isMesh()) {
      return found;
    }
    closed(context.plan(), context.step(), context.observation().modes(), context.now())
        .forEach(what -> found.add(new Ailment(Cause.EXCEPTION_CLOSED, what)));
    List<String> open = CaptureCheck.uncaptured(context);
    if (!open.isEmpty()) {
      found.add(
          new Ailment(
              Cause.PODS_UNCAPTURED,
              "pods without a proxy serve plaintext though "
                  + context.facts().name()
                  + " is STRICT: "
                  + Words.list(open)));
    }
    return found;
  }

  /**
   * Returns, for each exception that is not in force where a plan that goes on has locked, what
   * refuses its clients: it may have been added since, and be for others to open.
   */
  static List<String> closed(PlanRecord plan, StepRecord step, MeshModes all, Instant now) {
    String namespace = step.key().namespace();
    if (step.phase() != Phase.LOCKED
        || !plan.moving()
        || all.snapshot().namespace(namespace) == null) {
      return List.of();
    }
    NamespaceModes modes = all.namespace(namespace);
    LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    return plan.spec().exceptions().stream()
        .filter(one -> one.namespace().equals(namespace))
        .filter(one -> one.validity(today) != PolicyException.Validity.EXPIRED)
        .flatMap(
            one ->
                GovernedServers.refusing(modes, one).stream()
                    .limit(1)
                    .map(
                        pod ->
                            "the exception "
                                + one.words()
                                + " is not in force: "
                                + pod.workload()
                                + " is STRICT there"))
        .toList();
  }

  private void clients(String namespace) {
    IgnoredClients ignored = IgnoredClients.of(context.spec());
    List<String> refused = new ArrayList<>();
    List<String> old = new ArrayList<>();
    List<String> calls = new ArrayList<>();
    for (Cell cell : context.cells().of(namespace)) {
      if (refused(cell) && !ignored.ignores(cell.from())) {
        calls.add(call(cell));
        if (old(cell)) {
          old.add(call(cell) + ", at " + cell.checkedAt());
        } else {
          refused.add(call(cell));
        }
      }
    }
    if (!refused.isEmpty()) {
      found.add(
          new Ailment(
              Cause.CLIENTS_REFUSED,
              "clients with a proxy are refused: " + Words.list(refused),
              calls));
    }
    findings(namespace);
    if (!old.isEmpty()) {
      found.add(
          new Ailment(
              Cause.EVIDENCE_LOST,
              "whether clients with a proxy are still refused is not known, for they could not be probed"
                  + " again: "
                  + Words.list(old),
              calls));
    }
  }

  private static String call(Cell cell) {
    return RefusedCall.of(cell).toString();
  }

  /**
   * Adds the problem of the record as long as one of its calls has not been probed since, though it
   * can still be made: another process may have seen it, and of a large mesh not every round probes
   * it.
   */
  private void remembered() {
    StepRecord.Health known = context.step().health();
    if (known == null || known.refused().isEmpty()) {
      return;
    }
    List<String> calls =
        FailedCalls.unconfirmed(
            context, known, cell -> cell.checkedAt().isAfter(known.since()) || refused(cell));
    if (calls.isEmpty()) {
      return;
    }
    boolean refused = known.reason() == Reason.CLIENTS_REFUSED;
    found.add(
        new Ailment(
            refused ? Cause.CLIENTS_REFUSED : Cause.EVIDENCE_LOST,
            refused || known.reason() == Reason.EVIDENCE_LOST
                ? known.message()
                : "whether clients with a proxy are still refused is not known, for they were not"
                    + " probed again: "
                    + FailedCalls.words(calls),
            calls));
  }

  private void findings(String namespace) {
    GateResult hazards = context.step().gate(Gate.HAZARDS);
    // A person has accepted what was found before the lock, and nothing else.
    List<String> agreed =
        hazards != null && hazards.reason() == Reason.OVERRIDDEN ? hazards.evidence() : List.of();
    for (Finding finding : context.observation().findings(namespace)) {
      if (REFUSING.contains(finding.code())
          && !finding.isIn(agreed)
          && HazardCheck.holds(context, finding)
          && strict(namespace, finding.port())) {
        found.add(new Ailment(Cause.CLIENTS_REFUSED, finding.message()));
      }
    }
  }

  /** Returns whether a serving pod refuses plaintext here: an exception may open all of them. */
  private boolean strict(String namespace, int port) {
    NamespaceModes modes = context.observation().modes().namespace(namespace);
    return modes.facts().pods().stream()
        .anyMatch(
            pod ->
                pod.dataPlane().captured()
                    && !pod.terminated()
                    && modes.of(pod).of(port) == MtlsMode.STRICT
                    && modes.facts().serves(pod));
  }

  /**
   * Returns whether a client was refused and sends what STRICT refuses: both are required. A client
   * with a proxy is expected to get through, whatever a rule made since has it send. A client that
   * fails although its configuration is right may be restarting; the connectivity matrix shows it.
   * Its age does not matter: the next probe replaces it, and one that cannot be made again tells of
   * then only, when it is {@link #old}.
   */
  private boolean refused(Cell cell) {
    return cell.meshClient()
        && cell.outcome() == ProbeOutcome.REFUSED
        && cell.clientTls() != null
        && cell.clientTls() != ClientTls.ISTIO_MUTUAL
        && !cell.checkedAt().isBefore(context.step().since());
  }

  private boolean old(Cell cell) {
    Instant end = cell.checkedAt().plus(context.limits().probeAge().multipliedBy(ROUND));
    return end.isBefore(context.now());
  }
}
