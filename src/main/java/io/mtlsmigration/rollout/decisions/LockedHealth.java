package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshReach;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.gates.CaptureCheck;
import io.mtlsmigration.rollout.gates.CellIndex;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.HazardCheck;
import io.mtlsmigration.rollout.gates.IgnoredClients;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Whether a locked step does what it was locked for: its mesh clients get through, and everybody
 * else does not. A step that does not stays LOCKED, for nobody has weakened it; but it is not
 * healthy, and that has to be said. Pure; costs a look at each pod and finding of the namespace.
 */
public final class LockedHealth {

  /** Findings that mean that STRICT refuses clients with a proxy. */
  private static final Set<HazardCode> REFUSING =
      EnumSet.of(HazardCode.DESTINATION_RULE_DISABLES_MTLS, HazardCode.AUTO_MTLS_OFF);

  private final GateContext context;
  private final List<Ailment> found = new ArrayList<>();

  private LockedHealth(GateContext context) {
    this.context = context;
  }

  /** What may be wrong with a locked step. */
  public enum Cause {
    /** Clients with a proxy send what STRICT refuses. */
    CLIENTS_REFUSED,
    /** Pods without a proxy serve: STRICT protects nothing there. */
    PODS_UNCAPTURED
  }

  /**
   * One thing that is wrong.
   *
   * @param message a sentence that names who and where
   */
  public record Ailment(Cause cause, String message) {

    /** For events and conditions. */
    public Reason reason() {
      return switch (cause) {
        case CLIENTS_REFUSED -> Reason.CLIENTS_REFUSED;
        case PODS_UNCAPTURED -> Reason.PODS_UNCAPTURED;
      };
    }
  }

  /**
   * All that is wrong with a step.
   *
   * @return empty when it is healthy, not locked, or the observation is too old to tell
   */
  public static List<Ailment> of(
      PlanRecord plan, StepRecord step, Observation observation, Limits limits) {
    if (step.phase() != Phase.LOCKED) {
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
            new PolicyWrites(List.of(), List.of()),
            CellIndex.of(observation.matrix()),
            MeshReadiness.NOT_ASKED,
            GateContext.Proof.NONE,
            limits));
  }

  /** The same for whoever has the step's context. */
  public static List<Ailment> of(GateContext context) {
    return context.stale() ? List.of() : new LockedHealth(context).judged();
  }

  private List<Ailment> judged() {
    if (context.isMesh()) {
      MeshModes modes = context.observation().modes();
      MeshReach.namespaces(modes).forEach(this::clients);
      return found;
    }
    clients(context.facts().name());
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

  private void clients(String namespace) {
    IgnoredClients ignored = IgnoredClients.of(context.spec());
    List<String> refused = new ArrayList<>();
    for (Cell cell : context.cells().of(namespace)) {
      if (refused(cell) && !ignored.ignores(cell.from())) {
        refused.add(cell.from() + " to " + cell.to() + " at " + cell.endpoint());
      }
    }
    if (!refused.isEmpty()) {
      found.add(
          new Ailment(
              Cause.CLIENTS_REFUSED, "clients with a proxy are refused: " + Words.list(refused)));
    }
    GateResult hazards = context.step().gate(Gate.HAZARDS);
    // A person has agreed to what was found before the lock, and to nothing else.
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

  /** Some serving pod refuses plaintext at this port: an exception may have left all open. */
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
   * Refused, and sends what STRICT refuses: two witnesses. Expected of a client with a proxy is
   * that it gets through, whatever a rule that was made since has it send. One that fails and
   * should not by its configuration may be restarting; the connectivity matrix tells of it.
   */
  private boolean refused(Cell cell) {
    return cell.meshClient()
        && cell.outcome() == ProbeOutcome.REFUSED
        && cell.clientTls() != null
        && cell.clientTls() != ClientTls.ISTIO_MUTUAL
        && !cell.checkedAt().isBefore(context.step().since())
        && !cell.checkedAt().plus(context.limits().probeAge()).isBefore(context.now());
  }
}
