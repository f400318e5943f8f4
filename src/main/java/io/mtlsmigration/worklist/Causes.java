// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.gates.Hold;
import io.mtlsmigration.rollout.gates.NamespaceHolds;
import java.util.Locale;
import java.util.Optional;

/** Finds the cause of a hold. For one answer. */
final class Causes {

  /** The subject that stands for the whole mesh. */
  static final ObjectRef MESH = new ObjectRef("Mesh", "", "mesh");

  private final Observation observation;
  private final MeshModes modes;
  private final Clients clients;

  Causes(Observation observation) {
    this.observation = observation;
    this.modes = observation.modes();
    this.clients = new Clients(observation);
  }

  /** Returns empty for a hold that has been resolved, so that only time is awaited. */
  Optional<Cause> of(NamespaceHolds held, Hold hold) {
    return switch (hold) {
      case Hold.Plaintext(var edge) -> clients.of(edge);
      case Hold.Uncaptured(var pod) -> Optional.of(uncaptured(pod));
      case Hold.Hazard(var finding) -> Optional.of(hazard(finding));
      case Hold.GuessedPort(var service, var port, var probe) ->
          Optional.of(guessed(service).atPort(port));
      case Hold.Unread(var object) -> Optional.of(unread(object));
      case Hold.Policy(var obstacle) -> Optional.of(policy(held, obstacle));
      case Hold.Judged(var result) -> Optional.of(gate(held, result));
      case Hold.Consent(var wave) -> Optional.of(consent(held, wave));
      case Hold.Decision decision ->
          Optional.of(
              Cause.of(
                  ItemKind.DECIDE_HELD,
                  step(held),
                  held.plan(),
                  decision.message(),
                  "Look at the evidence, then decide: "
                      + String.join(
                          ", ", decision.allowed().stream().map(a -> words(a.name())).toList())
                      + "."));
    };
  }

  private Cause uncaptured(Pod pod) {
    boolean asked = Clients.asked(modes, pod);
    return Cause.of(
        asked ? ItemKind.RESTART_POD : ItemKind.INJECT_SERVER,
        pod.workload().ref(),
        pod.workload()
            + " has pods without a proxy: they serve plaintext whatever the policy says, and what"
            + " they send is plaintext.",
        Remedies.injection(asked));
  }

  private static Cause hazard(Finding finding) {
    ItemKind kind =
        switch (finding.code()) {
          case PROBES_NOT_REWRITTEN -> ItemKind.REWRITE_PROBE;
          case METRICS_SCRAPED_FROM_APPLICATION -> ItemKind.MOVE_SCRAPE_PORT;
          case DESTINATION_RULE_DISABLES_MTLS, SUBSET_WITHOUT_TLS -> ItemKind.FIX_DESTINATION_RULE;
          case CALLED_BY_API_SERVER, CALLED_FROM_OUTSIDE -> ItemKind.GIVE_EXCEPTION;
          case WORKLOAD_POLICY_WEAKER_THAN_TARGET, DISABLE_IN_FORCE -> ItemKind.FIX_POLICY;
          default -> ItemKind.CLEAR_HAZARD;
        };
    return Cause.of(kind, finding.subject(), finding.message(), finding.remedy())
        .atPort(finding.port());
  }

  private static Cause guessed(ObjectRef service) {
    return Cause.of(
        ItemKind.NAME_PORT,
        service,
        "Neither name nor appProtocol of the port tells its protocol: it was probed by HTTP, and"
            + " gave no answer in HTTP.",
        "Set appProtocol tcp, or let the name begin with tcp-. A server that speaks HTTP has failed:"
            + " mend that instead.");
  }

  private static Cause unread(Unreadable object) {
    return Cause.of(
        ItemKind.FIX_POLICY,
        object.ref(),
        object.ref() + " could not be read, so nobody knows what it governs: " + object.reason(),
        "Mend " + (object.field().isEmpty() ? "it" : object.field()) + ", or delete the policy.");
  }

  private Cause policy(NamespaceHolds held, Obstacle obstacle) {
    boolean adopts = obstacle.kind() == Obstacle.Kind.ADOPTION_NEEDED;
    ObjectRef subject =
        modes.snapshot().isRoot(held.namespace())
            ? observation.modes().meshPolicy().map(PeerAuthentication::ref).orElse(step(held))
            : observation
                .modes()
                .namespace(held.namespace())
                .namespacePolicy()
                .map(PeerAuthentication::ref)
                .orElse(step(held));
    return Cause.of(
        adopts ? ItemKind.ADOPT_POLICY : ItemKind.FIX_POLICY,
        subject,
        held.plan(),
        obstacle.message(),
        adopts
            ? "Approve this step: its impact is shown first. Or have the plan adopt policies of"
                + " people. Either way its mode is taken over."
            : "Change it at its source; a plan that writes nothing itself offers the YAML.");
  }

  private Cause gate(NamespaceHolds held, GateResult result) {
    return switch (result.reason()) {
      case NO_SAMPLES, NOT_WATCHED, PROBE_MISSING ->
          Cause.of(
              ItemKind.MEND_EVIDENCE,
              step(held),
              result.message(),
              "Have it measured; until then nobody can say who would be refused.");
      case EVIDENCE_UNAVAILABLE, STALE_OBSERVATION ->
          Cause.of(
              ItemKind.MEND_EVIDENCE,
              MESH,
              result.message(),
              "Mend what it is read from; until then nobody can say who would be refused.");
      case LOG_FORMAT_INCOMPLETE ->
          Cause.of(
              ItemKind.MEND_EVIDENCE,
              MESH,
              result.message(),
              "Have the mesh log %UPSTREAM_CLUSTER%, %PROTOCOL%, %REQUESTED_SERVER_NAME% and the"
                  + " addresses of connections, in one format.");
      case PODS_END_EARLY ->
          Cause.of(
              ItemKind.CLEAR_GATE,
              step(held),
              held.plan(),
              result.message(),
              "Let its pods live for a whole window; or except the workload as a whole, shorten"
                  + " the window, or override the gate plaintext.");
      case LOGS_NOT_KEPT ->
          Cause.of(
              ItemKind.KEEP_LOGS,
              step(held),
              result.message(),
              "Have the kubelet keep larger logs (containerLogMaxSize), so that one file lasts for"
                  + " the window; or except the workload as a whole, shorten the window, or"
                  + " override the gate plaintext.");
      case CRON_JOB_PERIOD ->
          Cause.of(
              ItemKind.LENGTHEN_WINDOW,
              held.plan().isEmpty() ? MESH : new ObjectRef("MigrationPlan", "", held.plan()),
              held.plan(),
              result.message(),
              held.plan().isEmpty()
                  ? "Plan with a longer window for plaintext, or let the client fail."
                  : "Have the plan look for longer, also while it runs, or name the job as one"
                      + " whose calls may fail.");
      default ->
          Cause.of(
              ItemKind.CLEAR_GATE,
              step(held),
              held.plan(),
              "Gate " + words(result.gate().name()) + ": " + result.message(),
              "Clear what the gate names.");
    };
  }

  private Cause consent(NamespaceHolds held, String wave) {
    ObjectRef subject = wave.isEmpty() ? step(held) : new ObjectRef("Wave", "", wave);
    return Cause.of(
        ItemKind.APPROVE,
        subject,
        held.plan(),
        "Every gate passes, and the plan asks a person to agree.",
        "Approve it; its impact is shown first.");
  }

  /** Returns the subject of a step; for the mesh step the mesh. */
  private ObjectRef step(NamespaceHolds held) {
    return modes.snapshot().isRoot(held.namespace())
        ? MESH
        : new ObjectRef("Namespace", "", held.namespace());
  }

  private static String words(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
