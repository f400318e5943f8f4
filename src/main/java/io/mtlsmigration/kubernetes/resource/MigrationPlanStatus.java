// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.mtlsmigration.contract.MigrationPlanSpec;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of a plan. A plan without a phase has not been taken: it is not worked on, and its
 * conditions say why.
 *
 * @param packed gzip and base64 of {@link Bulk}, for plans too large to be read by people, since an
 *     object is limited to 1.5 MB
 */
@RegisterForReflection
public record MigrationPlanStatus(
    @JsonPropertyDescription("Where the plan stands; absent until it has been taken.")
        @Nullable String phase,
    @JsonPropertyDescription("Whether and why it is valid, taken, progressing.")
        @Nullable List<Condition> conditions,
    @JsonPropertyDescription("Steps that are done, of all: namespaces, and the mesh for MESH.")
        @Nullable String progress,
    @JsonPropertyDescription("What it waits for.") @Nullable String waiting,
    @JsonPropertyDescription(
            "What a person is asked to agree to, with the hash of the impact as it is now.")
        @Nullable List<Subject> awaiting,
    @JsonPropertyDescription("Number of steps by phase.") @Nullable Map<String, Integer> counts,
    @JsonPropertyDescription("The metadata.generation that was judged last.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription("Who made the plan.") @Nullable String createdBy,
    @JsonPropertyDescription("When the plan was taken.") @Nullable String createdAt,
    @JsonPropertyDescription("When it was started.") @Nullable String startedAt,
    @JsonPropertyDescription("When nothing was left to do.") @Nullable String endedAt,
    @JsonPropertyDescription("What the service works by; spec may ask for more than is allowed.")
        @Nullable Accepted accepted,
    @JsonPropertyDescription("Waves as computed, with the reason for each place.")
        @Nullable List<ComputedWave> waves,
    @JsonPropertyDescription("Namespaces that are left open by default, and why.")
        @Nullable Map<String, String> exempt,
    @JsonPropertyDescription("Hash of the facts that the waves were made from.")
        @Nullable String observation,
    @JsonPropertyDescription("What people agreed to.") @Nullable List<Consent> approvals,
    @JsonPropertyDescription(
            "Waves, exempt namespaces and approvals of a large plan, gzip and" + " base64.")
        @Nullable String packed,
    @JsonPropertyDescription("What happened to the plan itself lately.")
        @Nullable List<EventEntry> events,
    @JsonPropertyDescription("Grows with every change of the plan; counts alone do not move it.")
        @Nullable Long revision,
    @JsonPropertyDescription("The plan is going, and nothing changes it any more.")
        @Nullable Boolean deleting) {

  /**
   * The spec in force.
   *
   * @param generation counts the accepted specs; approvals are bound to it
   */
  public record Accepted(
      @JsonPropertyDescription("Counts the specs that were taken; approvals are bound to it.")
          @Nullable Long generation,
      @JsonPropertyDescription("The spec, with every default.") @Nullable MigrationPlanSpec spec) {}

  /** Namespaces that may move together. */
  public record ComputedWave(
      @JsonPropertyDescription("Name of the wave.") @Nullable String name,
      @JsonPropertyDescription("Its namespaces, in order.") @Nullable List<Place> members) {}

  /** Neighbours in a wave that share a reason for their place. */
  public record Place(
      @JsonPropertyDescription("Names of namespaces.") @Nullable List<String> namespaces,
      @JsonPropertyDescription("Why they are here.") @Nullable String reason,
      @JsonPropertyDescription("That they came after the plan had begun.")
          @Nullable Boolean joined) {}

  /** One person's consent at one time, to one subject or, for a wave, to all of its members. */
  public record Consent(
      @JsonPropertyDescription("Who.") @Nullable String by,
      @JsonPropertyDescription("When.") @Nullable String at,
      @JsonPropertyDescription("What they said.") @Nullable String comment,
      @JsonPropertyDescription("Generation of the plan then.") @Nullable Long generation,
      @JsonPropertyDescription("A namespace, wave:NAME or mesh, with the hash of its impact.")
          @Nullable List<Subject> subjects) {}

  /** The subject of a consent. */
  public record Subject(
      @JsonPropertyDescription("A namespace, wave:NAME or mesh.") @Nullable String name,
      @JsonPropertyDescription("Attempt of the step then.") @Nullable Integer attempt,
      @JsonPropertyDescription("Hash of the impact that was shown.") @Nullable String impactHash) {}

  /** The parts that grow with the number of namespaces. */
  public record Bulk(
      @Nullable List<ComputedWave> waves,
      @Nullable Map<String, String> exempt,
      @Nullable List<Consent> approvals) {}
}
