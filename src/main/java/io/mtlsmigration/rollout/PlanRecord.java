// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static java.util.stream.Collectors.toSet;

import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A plan and its state. Immutable.
 *
 * @param version for optimistic concurrency, set by the ledger; empty before the first save
 * @param generation incremented with every change of the spec but its start, and the owner, reason,
 *     day and paths of exceptions
 * @param endedAt the time when nothing was left to do; null while there is, also in {@code
 *     ABORTED}, {@code ROLLED_BACK} and {@code CLEANED_UP}, which begin with the command
 * @param waves as computed; frozen by start, except for namespaces that appear later
 * @param exempt namespaces left open by default, with the reason
 * @param observation hash of the facts that the waves were computed from
 */
public record PlanRecord(
    PlanSpec spec,
    String uid,
    String version,
    long generation,
    PlanPhase phase,
    String createdBy,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    List<Wave> waves,
    Map<String, String> exempt,
    String observation,
    List<Approval> approvals) {

  public PlanRecord {
    waves = List.copyOf(waves);
    exempt = Map.copyOf(exempt);
    approvals = List.copyOf(approvals);
  }

  public String name() {
    return spec.name();
  }

  /** Returns whether a person has asked to undo the plan, whatever its progress. */
  public boolean undoing() {
    return phase == PlanPhase.ROLLED_BACK || phase == PlanPhase.CLEANED_UP;
  }

  /** Returns whether a person has asked to undo the plan, and something is left to do. */
  public boolean beingUndone() {
    return undoing() && endedAt == null;
  }

  /** Returns whether the plan was undone: it knows no more of what it had found STRICT. */
  public boolean undone() {
    return undoing() && endedAt != null;
  }

  public PlanRecord withVersion(String next) {
    return with(copy -> copy.version = next);
  }

  public PlanRecord withPhase(PlanPhase next, @Nullable Instant started, @Nullable Instant ended) {
    return with(
        copy -> {
          copy.phase = next;
          copy.startedAt = started;
          copy.endedAt = ended;
        });
  }

  public PlanRecord withWaves(List<Wave> next, Map<String, String> open, String basis) {
    return with(
        copy -> {
          copy.waves = next;
          copy.exempt = open;
          copy.observation = basis;
        });
  }

  public PlanRecord withUid(String next) {
    return with(copy -> copy.uid = next);
  }

  /** Returns a copy with another start, which affects no approval. */
  public PlanRecord withStart(PlanSpec.Start next) {
    return withAgreement(spec.starting(next));
  }

  /** Returns a copy with exceptions that open the same ports, which affects no approval either. */
  public PlanRecord withAgreement(PlanSpec next) {
    return with(copy -> copy.spec = next);
  }

  public PlanRecord withSpec(PlanSpec next) {
    return with(
        copy -> {
          copy.spec = next;
          copy.generation = generation + 1;
        });
  }

  /**
   * Returns a copy with approvals, each in the place of an earlier one of its subject: none but the
   * latest counts, and a record has to stay small.
   */
  public PlanRecord withApprovals(List<Approval> added) {
    Set<String> anew = added.stream().map(Approval::subject).collect(toSet());
    List<Approval> all = new ArrayList<>(approvals);
    all.removeIf(earlier -> anew.contains(earlier.subject()));
    all.addAll(added);
    return with(copy -> copy.approvals = all);
  }

  /**
   * Returns the number of the first attempt of a step that begins now. Its record may have been
   * deleted: consent to that one is none to the one that begins.
   */
  public int firstAttempt(StepKey key) {
    return approvals.stream()
            .filter(approval -> approval.subject().equals(key.toString()))
            .mapToInt(Approval::attempt)
            .max()
            .orElse(0)
        + 1;
  }

  /** Returns whether a namespace joined, or was made anew, after the plan had started. */
  public boolean joined(String namespace) {
    return waves.stream()
        .flatMap(wave -> wave.members().stream())
        .anyMatch(member -> member.joined() && member.namespace().equals(namespace));
  }

  /** Returns whether what was decided for this record counts for a later one of its name. */
  public boolean countsFor(PlanRecord later) {
    return later.uid.equals(uid) && later.phase == phase && later.generation == generation;
  }

  /** Returns true while the plan goes on, or does when somebody resumes it. */
  public boolean moving() {
    return phase == PlanPhase.RUNNING || phase == PlanPhase.PAUSED;
  }

  /** Returns true while the plan may change namespaces, so that no other plan may have them. */
  public boolean active() {
    return switch (phase) {
      case RUNNING, PAUSED -> true;
      case ABORTED, ROLLED_BACK, CLEANED_UP -> endedAt == null;
      case DRAFT, COMPLETED -> false;
    };
  }

  private PlanRecord with(Consumer<Copy> change) {
    Copy copy = new Copy();
    change.accept(copy);
    return copy.made();
  }

  /** A mutable copy: what is not set stays. */
  private final class Copy {
    private PlanSpec spec = PlanRecord.this.spec;
    private String uid = PlanRecord.this.uid;
    private String version = PlanRecord.this.version;
    private long generation = PlanRecord.this.generation;
    private PlanPhase phase = PlanRecord.this.phase;
    private @Nullable Instant startedAt = PlanRecord.this.startedAt;
    private @Nullable Instant endedAt = PlanRecord.this.endedAt;
    private List<Wave> waves = PlanRecord.this.waves;
    private Map<String, String> exempt = PlanRecord.this.exempt;
    private String observation = PlanRecord.this.observation;
    private List<Approval> approvals = PlanRecord.this.approvals;

    PlanRecord made() {
      return new PlanRecord(
          spec,
          uid,
          version,
          generation,
          phase,
          createdBy,
          createdAt,
          startedAt,
          endedAt,
          waves,
          exempt,
          observation,
          approvals);
    }
  }
}
