// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.contract.MigrationPlanSpec;
import io.mtlsmigration.contract.PlanReading;
import io.mtlsmigration.contract.PlanSpecs;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus.Accepted;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus.Bulk;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus.ComputedWave;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus.Consent;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus.Place;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus.Subject;
import io.mtlsmigration.kubernetes.resource.ResourceJson;
import io.mtlsmigration.kubernetes.resource.ResourceJson.MalformedException;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Approval;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Converts a plan's record to its status and back, without loss. The parts that grow with the
 * number of namespaces are written compactly, so that ten thousand fit into an object of 1.5 MB,
 * which is etcd's limit.
 */
final class PlanStatuses {

  /** The size in bytes beyond which waves and approvals, then unreadable anyway, are packed. */
  static final int READABLE = 256 * 1024;

  private PlanStatuses() {}

  static MigrationPlanStatus write(PlanRecord plan, PlanStatusSummary notes, long revision) {
    Bulk bulk =
        new Bulk(
            plan.waves().stream().map(PlanStatuses::wave).toList(),
            new TreeMap<>(plan.exempt()),
            consents(plan.approvals()));
    boolean packed = ResourceJson.size(bulk) > READABLE;
    return new MigrationPlanStatus(
        plan.phase().name(),
        notes.conditions(),
        notes.progress(),
        notes.waiting(),
        notes.awaiting(),
        notes.counts(),
        notes.observedGeneration(),
        plan.createdBy(),
        plan.createdAt().toString(),
        Values.text(plan.startedAt()),
        Values.text(plan.endedAt()),
        new Accepted(plan.generation(), PlanSpecs.write(plan.spec())),
        packed ? null : bulk.waves(),
        packed ? null : bulk.exempt(),
        plan.observation(),
        packed ? null : bulk.approvals(),
        packed ? ResourceJson.pack(bulk) : null,
        notes.events(),
        revision,
        notes.deleting() ? Boolean.TRUE : null);
  }

  /** Returns the status of a plan that has not been taken: information for people only. */
  static MigrationPlanStatus untaken(PlanStatusSummary notes) {
    return new MigrationPlanStatus(
        null,
        notes.conditions(),
        null,
        notes.waiting(),
        null,
        null,
        notes.observedGeneration(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        notes.deleting() ? Boolean.TRUE : null);
  }

  /** Returns a wave whose neighbours with the same reason share it. */
  private static ComputedWave wave(Wave wave) {
    List<Place> places = new ArrayList<>();
    List<String> namespaces = new ArrayList<>();
    Wave.Member last = new Wave.Member("", "");
    for (Wave.Member member : wave.members()) {
      boolean same = member.reason().equals(last.reason()) && member.joined() == last.joined();
      if (!namespaces.isEmpty() && !same) {
        places.add(place(namespaces, last));
        namespaces.clear();
      }
      last = member;
      namespaces.add(member.namespace());
    }
    if (!namespaces.isEmpty()) {
      places.add(place(namespaces, last));
    }
    return new ComputedWave(wave.name(), places);
  }

  private static Place place(List<String> namespaces, Wave.Member like) {
    return new Place(List.copyOf(namespaces), like.reason(), like.joined() ? Boolean.TRUE : null);
  }

  /** Returns consents: one person's approvals of one time share everything but the subject. */
  private static List<Consent> consents(List<Approval> approvals) {
    List<Consent> consents = new ArrayList<>();
    List<Subject> subjects = new ArrayList<>();
    Approval last = null;
    for (Approval approval : approvals) {
      if (last != null && !together(last, approval)) {
        consents.add(consent(last, subjects));
        subjects.clear();
      }
      subjects.add(new Subject(approval.subject(), approval.attempt(), approval.impactHash()));
      last = approval;
    }
    if (last != null) {
      consents.add(consent(last, subjects));
    }
    return consents;
  }

  private static boolean together(Approval a, Approval b) {
    return a.by().equals(b.by())
        && a.at().equals(b.at())
        && a.comment().equals(b.comment())
        && a.generation() == b.generation();
  }

  private static Consent consent(Approval approval, List<Subject> subjects) {
    return new Consent(
        approval.by(),
        approval.at().toString(),
        approval.comment(),
        approval.generation(),
        List.copyOf(subjects));
  }

  /**
   * Returns the record of a status.
   *
   * @throws MalformedException when somebody has edited it into something invalid
   */
  static PlanRecord read(String name, String uid, String version, MigrationPlanStatus status)
      throws MalformedException {
    Accepted accepted = Values.required(status.accepted(), "/status/accepted");
    Bulk bulk = bulk(status);
    return new PlanRecord(
        spec(name, accepted.spec()),
        uid,
        version,
        Values.required(accepted.generation(), "/status/accepted/generation"),
        Values.choice(PlanPhase.class, status.phase(), "/status/phase"),
        Values.text(status.createdBy()),
        Values.instant(status.createdAt(), "/status/createdAt"),
        Values.optional(status.startedAt(), "/status/startedAt"),
        Values.optional(status.endedAt(), "/status/endedAt"),
        waves(bulk),
        Values.map(bulk.exempt()),
        Values.text(status.observation()),
        approvals(bulk));
  }

  private static io.mtlsmigration.plan.PlanSpec spec(
      String name, @Nullable MigrationPlanSpec accepted) throws MalformedException {
    PlanReading reading = PlanReading.of(name, Values.required(accepted, "/status/accepted/spec"));
    if (!reading.problems().isEmpty()) {
      Problem first = reading.problems().getFirst();
      throw Values.malformed("/status/accepted/spec" + first.pointer(), first.detail());
    }
    return reading.spec();
  }

  private static Bulk bulk(MigrationPlanStatus status) throws MalformedException {
    String packed = status.packed();
    return packed == null
        ? new Bulk(status.waves(), status.exempt(), status.approvals())
        : ResourceJson.unpack(packed, Bulk.class);
  }

  private static List<Wave> waves(Bulk bulk) throws MalformedException {
    List<Wave> waves = new ArrayList<>();
    for (ComputedWave wave : Values.list(bulk.waves())) {
      List<Wave.Member> members = new ArrayList<>();
      for (Place place : Values.list(wave.members())) {
        for (String namespace : Values.list(place.namespaces())) {
          members.add(
              new Wave.Member(
                  namespace, Values.text(place.reason()), Boolean.TRUE.equals(place.joined())));
        }
      }
      String pointer = "/status/waves/" + waves.size() + "/name";
      waves.add(new Wave(Values.required(wave.name(), pointer), members));
    }
    return waves;
  }

  private static List<Approval> approvals(Bulk bulk) throws MalformedException {
    List<Approval> approvals = new ArrayList<>();
    int index = 0;
    for (Consent consent : Values.list(bulk.approvals())) {
      String pointer = "/status/approvals/" + index++;
      Instant at = Values.instant(consent.at(), pointer + "/at");
      long generation = Values.required(consent.generation(), pointer + "/generation");
      for (Subject subject : Values.list(consent.subjects())) {
        approvals.add(
            new Approval(
                Values.required(subject.name(), pointer + "/subjects"),
                Values.text(consent.by()),
                at,
                Values.text(consent.comment()),
                generation,
                subject.attempt() == null ? 1 : subject.attempt(),
                Values.text(subject.impactHash())));
      }
    }
    return approvals;
  }
}
