// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The state of a step's dry run of STRICT.
 *
 * @param marker the marker that the placed policy carries
 * @param there whether the policy may be in the cluster; set before it is placed, cleared when its
 *     absence has been seen
 * @param version of the policy that counts, see {@link io.mtlsmigration.mesh.ObjectMeta#version}:
 *     what somebody has changed since may count nobody. Empty while none counts, and in records of
 *     earlier releases
 * @param placedAt the time since when the dry run counts; null while it does not
 * @param passedAt the time when it had counted for long enough; null while it has not
 * @param problem the reason why it cannot be made and is not retried by itself; empty when it can
 * @param excepted ids of the exceptions of the namespace that the plan had while it ran: what they
 *     leave open is not counted; null when that is not known, as in records of earlier releases
 * @param refused servers, with their ports, whose clients it would have refused when it passed: a
 *     person had let these pass
 */
public record DryRun(
    String marker,
    boolean there,
    String version,
    @Nullable Instant placedAt,
    @Nullable Instant passedAt,
    String problem,
    @Nullable Set<String> excepted,
    Set<String> refused) {

  public DryRun {
    excepted = excepted == null ? null : Set.copyOf(excepted);
    refused = Set.copyOf(refused);
  }

  public static DryRun begin(String marker) {
    return new DryRun(marker, false, "", null, null, "", Set.of(), Set.of());
  }

  /**
   * Returns the dry run as it is made now.
   *
   * @param exceptions of the plan; those of the namespace count
   */
  public DryRun leavingOut(String namespace, List<PolicyException> exceptions) {
    if (excepted == null) {
      return this;
    }
    Set<String> all = new TreeSet<>(excepted);
    exceptions.stream()
        .filter(exception -> exception.namespace().equals(namespace))
        .forEach(exception -> all.add(exception.id()));
    return new DryRun(marker, there, version, placedAt, passedAt, problem, all, refused);
  }

  /**
   * Returns whether its result counts: everything that it left out is to stay open. What was an
   * exception while it ran, and is none any more, nobody has looked at.
   */
  public boolean counts(List<PolicyException> exceptions) {
    return excepted != null
        && excepted.stream()
            .allMatch(id -> exceptions.stream().anyMatch(one -> one.id().equals(id)));
  }

  public DryRun intended() {
    return new DryRun(marker, true, "", null, null, "", excepted, Set.of());
  }

  public DryRun placed(String found, Instant at) {
    return new DryRun(marker, true, found, at, null, "", excepted, Set.of());
  }

  /**
   * Returns the dry run at its end.
   *
   * @param found servers whose clients it would refuse, which a person lets pass
   */
  public DryRun passed(Instant at, Set<String> found) {
    return new DryRun(marker, there, version, placedAt, at, "", excepted, found);
  }

  public DryRun failed(String why, boolean stillThere) {
    return new DryRun(marker, stillThere, "", null, null, why, excepted, Set.of());
  }

  /** Returns the dry run with its result voided; null when nothing is left of it. */
  public @Nullable DryRun abandoned() {
    return there || !problem.isEmpty()
        ? new DryRun(marker, there, "", null, null, problem, excepted, Set.of())
        : null;
  }

  /** Returns the dry run after a person says that it can be made; null when nothing is left. */
  public @Nullable DryRun mended() {
    return there ? new DryRun(marker, true, "", null, null, "", excepted, Set.of()) : null;
  }

  /** Returns the dry run after its policy has been removed; null when nothing is left of it. */
  public @Nullable DryRun removed() {
    return passedAt == null && problem.isEmpty()
        ? null
        : new DryRun(marker, false, "", placedAt, passedAt, problem, excepted, refused);
  }
}
