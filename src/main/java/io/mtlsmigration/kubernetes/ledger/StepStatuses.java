// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.EventEntry;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationStatus;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationStatus.Audit;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationStatus.GateState;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationStatus.GateWaiver;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationStatus.Intent;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationStatus.Written;
import io.mtlsmigration.kubernetes.resource.ResourceJson.MalformedException;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.DryRun;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateOverride;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.WriteIntent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Converts a step's record to its status and back, without loss. */
final class StepStatuses {

  private StepStatuses() {}

  static NamespaceMigrationStatus write(StepRecord step, List<EventEntry> events, long revision) {
    return new NamespaceMigrationStatus(
        step.phase().name(),
        step.since().toString(),
        step.reason().name(),
        step.message(),
        step.namespaceUid(),
        step.gates().stream().map(StepStatuses::gate).toList(),
        Values.text(step.heldSince()),
        Values.text(step.verifyingUntil()),
        step.ledger().stream().map(StepStatuses::written).toList(),
        step.inFlight().isEmpty() ? null : intent(step.inFlight().getLast()),
        step.inFlight().stream()
            .limit(Math.max(0, step.inFlight().size() - 1))
            .map(StepStatuses::intent)
            .toList(),
        step.overrides().stream().map(StepStatuses::waiver).toList(),
        step.automaticRollbacks(),
        request(step.request()),
        NoticeEntries.write(step.notices()),
        audit(step.dryRun()),
        step.asked(),
        step.found(),
        step.wrote().stream().sorted().map(Enum::name).toList(),
        step.attempt(),
        health(step.health()),
        step.openSince().equals(Instant.EPOCH) ? null : step.openSince().toString(),
        step.unwatched(),
        events,
        revision,
        StepConditions.GENERATION,
        StepConditions.of(step));
  }

  private static GateState gate(GateResult gate) {
    return new GateState(
        gate.gate().name(),
        gate.result().name(),
        gate.reason().name(),
        gate.message(),
        gate.evidence(),
        gate.evaluatedAt().toString());
  }

  private static Written written(LedgerEntry entry) {
    return new Written(
        PolicySpecs.write(entry.ref()),
        entry.uid(),
        PolicySpecs.write(entry.before()),
        PolicySpecs.write(entry.after()),
        entry.previousMode().name(),
        PolicySpecs.ports(entry.previousPorts()),
        entry.purpose().name(),
        entry.resourceVersion(),
        entry.writtenAt().toString());
  }

  private static Intent intent(WriteIntent intent) {
    PolicyChange change = intent.change();
    EffectiveMode previous = intent.previous();
    return new Intent(
        PolicySpecs.write(change.ref()),
        PolicySpecs.write(change.before()),
        PolicySpecs.write(change.after()),
        change.purpose().name(),
        change.weakens(),
        change.why(),
        intent.marker(),
        intent.uid(),
        intent.resourceVersion(),
        intent.term(),
        intent.at().toString(),
        previous == null ? null : previous.mode().name(),
        previous == null ? null : PolicySpecs.ports(previous.ports()));
  }

  private static GateWaiver waiver(GateOverride override) {
    return new GateWaiver(
        override.gates().stream().sorted().map(Enum::name).toList(),
        override.by(),
        override.at().toString(),
        override.comment(),
        override.generation(),
        override.used(),
        override.force() ? true : null,
        override.covers().isEmpty() ? null : covers(override));
  }

  private static Map<String, List<String>> covers(GateOverride override) {
    Map<String, List<String>> covers = new TreeMap<>();
    override.covers().forEach((gate, found) -> covers.put(gate.name(), found));
    return covers;
  }

  private static NamespaceMigrationStatus.@Nullable Request request(
      StepRecord.@Nullable Request request) {
    return request == null
        ? null
        : new NamespaceMigrationStatus.Request(
            request.action().name(), request.by(), request.comment(), request.at().toString());
  }

  /**
   * Returns the record of a status.
   *
   * @throws MalformedException when somebody has edited it into something invalid: a step whose
   *     rollback cannot be read must not go on
   */
  static StepRecord read(String plan, StepKey key, String version, NamespaceMigrationStatus status)
      throws MalformedException {
    return new StepRecord(
        plan,
        key,
        Values.text(status.namespaceUid()),
        version,
        Values.choice(Phase.class, status.phase(), "/status/phase"),
        Values.instant(status.since(), "/status/since"),
        Values.choice(Reason.class, status.reason(), "/status/reason"),
        Values.text(status.message()),
        gates(status),
        Values.optional(status.heldSince(), "/status/heldSince"),
        Values.optional(status.verifyingUntil(), "/status/verifyingUntil"),
        ledger(status),
        inFlight(status),
        overrides(status),
        status.automaticRollbacks() == null ? 0 : status.automaticRollbacks(),
        request(status.request(), "/status/request"),
        NoticeEntries.read(status.notices()),
        audit(status.audit(), "/status/audit"),
        Boolean.TRUE.equals(status.asked()),
        Boolean.TRUE.equals(status.found()),
        wrote(status),
        status.attempt() == null ? 1 : status.attempt(),
        health(status.health(), "/status/health"),
        openSince(status),
        // A record of an earlier release does not know.
        !Boolean.FALSE.equals(status.unwatched()));
  }

  private static NamespaceMigrationStatus.@Nullable Health health(
      StepRecord.@Nullable Health health) {
    return health == null
        ? null
        : new NamespaceMigrationStatus.Health(
            health.since().toString(),
            health.reason().name(),
            health.message(),
            health.refused().stream().sorted().toList());
  }

  private static StepRecord.@Nullable Health health(
      NamespaceMigrationStatus.@Nullable Health health, String pointer) throws MalformedException {
    return health == null
        ? null
        : new StepRecord.Health(
            Values.instant(health.since(), pointer + "/since"),
            Values.choice(Reason.class, health.reason(), pointer + "/reason"),
            Values.text(health.message()),
            Set.copyOf(Values.list(health.refused())));
  }

  private static Set<PolicyChange.Purpose> wrote(NamespaceMigrationStatus status)
      throws MalformedException {
    Set<PolicyChange.Purpose> wrote = EnumSet.noneOf(PolicyChange.Purpose.class);
    for (String purpose : Values.list(status.wrote())) {
      wrote.add(Values.choice(PolicyChange.Purpose.class, purpose, "/status/wrote"));
    }
    return wrote;
  }

  private static Instant openSince(NamespaceMigrationStatus status) throws MalformedException {
    Instant since = Values.optional(status.openSince(), "/status/openSince");
    return since == null ? Instant.EPOCH : since;
  }

  private static @Nullable Audit audit(@Nullable DryRun run) {
    return run == null
        ? null
        : new Audit(
            run.marker(),
            run.there(),
            run.version(),
            Values.text(run.placedAt()),
            Values.text(run.passedAt()),
            run.problem(),
            run.excepted() == null ? null : run.excepted().stream().sorted().toList(),
            run.refused().stream().sorted().toList());
  }

  private static @Nullable DryRun audit(@Nullable Audit audit, String pointer)
      throws MalformedException {
    return audit == null
        ? null
        : new DryRun(
            Values.text(audit.marker()),
            Boolean.TRUE.equals(audit.there()),
            Values.text(audit.version()),
            Values.optional(audit.placedAt(), pointer + "/placedAt"),
            Values.optional(audit.passedAt(), pointer + "/passedAt"),
            Values.text(audit.problem()),
            audit.excepted() == null ? null : Set.copyOf(audit.excepted()),
            Set.copyOf(Values.list(audit.refused())));
  }

  private static List<GateResult> gates(NamespaceMigrationStatus status) throws MalformedException {
    List<GateResult> gates = new ArrayList<>();
    for (GateState gate : Values.list(status.gates())) {
      String pointer = "/status/gates/" + gates.size();
      gates.add(
          new GateResult(
              Values.choice(Gate.class, gate.gate(), pointer + "/gate"),
              Values.choice(GateResult.Result.class, gate.result(), pointer + "/result"),
              Values.choice(Reason.class, gate.reason(), pointer + "/reason"),
              Values.text(gate.message()),
              Values.list(gate.evidence()),
              Values.instant(gate.evaluatedAt(), pointer + "/evaluatedAt")));
    }
    return gates;
  }

  private static List<LedgerEntry> ledger(NamespaceMigrationStatus status)
      throws MalformedException {
    List<LedgerEntry> ledger = new ArrayList<>();
    for (Written written : Values.list(status.ledger())) {
      String pointer = "/status/ledger/" + ledger.size();
      ledger.add(
          new LedgerEntry(
              PolicySpecs.read(written.object(), pointer + "/object"),
              Values.text(written.uid()),
              PolicySpecs.read(written.before(), pointer + "/before"),
              PolicySpecs.read(written.after(), pointer + "/after"),
              Values.choice(MtlsMode.class, written.previousMode(), pointer + "/previousMode"),
              PolicySpecs.ports(written.previousPorts(), pointer + "/previousPorts"),
              Values.choice(PolicyChange.Purpose.class, written.purpose(), pointer + "/purpose"),
              Values.text(written.resourceVersion()),
              Values.instant(written.writtenAt(), pointer + "/writtenAt")));
    }
    return ledger;
  }

  private static List<WriteIntent> inFlight(NamespaceMigrationStatus status)
      throws MalformedException {
    List<WriteIntent> intents = new ArrayList<>();
    for (Intent earlier : Values.list(status.overtaken())) {
      intents.add(intent(earlier, "/status/overtaken/" + intents.size()));
    }
    if (status.inFlight() != null) {
      intents.add(intent(status.inFlight(), "/status/inFlight"));
    }
    return intents;
  }

  private static WriteIntent intent(Intent intent, String pointer) throws MalformedException {
    PolicyChange change =
        new PolicyChange(
            PolicySpecs.read(intent.object(), pointer + "/object"),
            PolicySpecs.read(intent.before(), pointer + "/before"),
            PolicySpecs.read(intent.after(), pointer + "/after"),
            Values.choice(PolicyChange.Purpose.class, intent.purpose(), pointer + "/purpose"),
            Boolean.TRUE.equals(intent.weakens()),
            Values.text(intent.why()));
    return new WriteIntent(
        change,
        Values.text(intent.marker()),
        Values.text(intent.uid()),
        Values.text(intent.resourceVersion()),
        Values.required(intent.term(), pointer + "/term"),
        Values.instant(intent.at(), pointer + "/at"),
        intent.previousMode() == null
            ? null
            : new EffectiveMode(
                Values.choice(MtlsMode.class, intent.previousMode(), pointer + "/previousMode"),
                null,
                PolicySpecs.ports(intent.previousPorts(), pointer + "/previousPorts"),
                null));
  }

  private static List<GateOverride> overrides(NamespaceMigrationStatus status)
      throws MalformedException {
    List<GateOverride> overrides = new ArrayList<>();
    for (GateWaiver waiver : Values.list(status.overrides())) {
      String pointer = "/status/overrides/" + overrides.size();
      overrides.add(
          new GateOverride(
              gates(waiver, pointer),
              Values.text(waiver.by()),
              Values.instant(waiver.at(), pointer + "/at"),
              Values.text(waiver.comment()),
              waiver.generation() == null ? 0 : waiver.generation(), // from before: counts no more
              Boolean.TRUE.equals(waiver.used()),
              Boolean.TRUE.equals(waiver.force()),
              covers(waiver, pointer)));
    }
    return overrides;
  }

  private static Map<Gate, List<String>> covers(GateWaiver waiver, String pointer)
      throws MalformedException {
    Map<Gate, List<String>> covers = new EnumMap<>(Gate.class);
    for (Map.Entry<String, List<String>> entry : Values.map(waiver.covers()).entrySet()) {
      covers.put(Values.choice(Gate.class, entry.getKey(), pointer + "/covers"), entry.getValue());
    }
    return covers;
  }

  private static Set<Gate> gates(GateWaiver waiver, String pointer) throws MalformedException {
    Set<Gate> gates = EnumSet.noneOf(Gate.class);
    for (String gate : Values.list(waiver.gates())) {
      gates.add(Values.choice(Gate.class, gate, pointer + "/gates"));
    }
    return gates;
  }

  private static StepRecord.@Nullable Request request(
      NamespaceMigrationStatus.@Nullable Request request, String pointer)
      throws MalformedException {
    return request == null
        ? null
        : new StepRecord.Request(
            Values.choice(StepAction.class, request.action(), pointer + "/action"),
            Values.text(request.by()),
            Values.text(request.comment()),
            Values.instant(request.at(), pointer + "/at"));
  }
}
