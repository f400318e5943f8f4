// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state of one step, including the data needed to roll it back. */
@RegisterForReflection
public record NamespaceMigrationStatus(
    @JsonPropertyDescription("Where the step stands; absent until it has begun.")
        @Nullable String phase,
    @JsonPropertyDescription("When the phase was entered.") @Nullable String since,
    @JsonPropertyDescription("Why the phase was entered.") @Nullable String reason,
    @JsonPropertyDescription("Why, in words.") @Nullable String message,
    @JsonPropertyDescription("UID of the namespace; a new one starts again at PENDING.")
        @Nullable String namespaceUid,
    @JsonPropertyDescription("Latest results of the gates.") @Nullable List<GateState> gates,
    @JsonPropertyDescription("Since when all gates but soak, window, hooks and approval have held.")
        @Nullable String heldSince,
    @JsonPropertyDescription(
            "End of verification; absent in VERIFYING when a person has to decide.")
        @Nullable String verifyingUntil,
    @JsonPropertyDescription("What was written and not taken back, with what was there before.")
        @Nullable List<Written> ledger,
    @JsonPropertyDescription("The latest write whose end is not recorded yet.")
        @Nullable Intent inFlight,
    @JsonPropertyDescription("Earlier ones that somebody who was stopped may still make.")
        @Nullable List<Intent> overtaken,
    @JsonPropertyDescription("Gates that a person lets pass.") @Nullable List<GateWaiver> overrides,
    @JsonPropertyDescription("How often it was rolled back without a person asking.")
        @Nullable Integer automaticRollbacks,
    @JsonPropertyDescription("What a person asked for and is not carried out yet.")
        @Nullable Request request,
    @JsonPropertyDescription("What hooks are still to be told of it.")
        @Nullable List<Notice> notices,
    @JsonPropertyDescription("The dry run of STRICT, while anything is left of one.")
        @Nullable Audit audit,
    @JsonPropertyDescription("Whether a person asked for the phase.") @Nullable Boolean asked,
    @JsonPropertyDescription("Whether STRICT was there already.") @Nullable Boolean found,
    @JsonPropertyDescription("Purposes of the writes made since the phase was entered.")
        @Nullable List<String> wrote,
    @JsonPropertyDescription("Counts attempts; approvals of an earlier one count no more.")
        @Nullable Integer attempt,
    @JsonPropertyDescription(
            "What is wrong with it though it is locked, or calls that fail while it is verified or undone.")
        @Nullable Health health,
    @JsonPropertyDescription("Since when no port was seen to turn from STRICT to plaintext.")
        @Nullable String openSince,
    @JsonPropertyDescription("Whether servers of it were not watched when that was last known.")
        @Nullable Boolean unwatched,
    @JsonPropertyDescription("What happened to it lately.") @Nullable List<EventEntry> events,
    @JsonPropertyDescription("Grows with every change of the step; events alone do not move it.")
        @Nullable Long revision,
    @JsonPropertyDescription("The metadata.generation that this is about.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription(
            "Ready: settled, and in order. Stalled, while it is so: a person has to decide.")
        @Nullable List<Condition> conditions) {

  /** The result of a gate. */
  public record GateState(
      @JsonPropertyDescription("The gate.") @Nullable String gate,
      @JsonPropertyDescription("INCONCLUSIVE holds, as FAIL does.") @Nullable String result,
      @JsonPropertyDescription("Stable reason.") @Nullable String reason,
      @JsonPropertyDescription("Who or what holds it, and what to do.") @Nullable String message,
      @JsonPropertyDescription("The facts behind it.") @Nullable List<String> evidence,
      @JsonPropertyDescription("When it was judged.") @Nullable String evaluatedAt) {}

  /** An object that was written. */
  public record Written(
      @JsonPropertyDescription("The object.") @Nullable ObjectName object,
      @JsonPropertyDescription("UID of the object, when it is known.") @Nullable String uid,
      @JsonPropertyDescription("Its spec before; absent when it did not exist.")
          @Nullable PolicySpec before,
      @JsonPropertyDescription("Its spec after; absent when it was deleted.")
          @Nullable PolicySpec after,
      @JsonPropertyDescription("Effective mode of its scope before.") @Nullable String previousMode,
      @JsonPropertyDescription("Effective modes of ports before, where they differed.")
          @Nullable Map<String, String> previousPorts,
      @JsonPropertyDescription("Why it was written.") @Nullable String purpose,
      @JsonPropertyDescription("Its resourceVersion after.") @Nullable String resourceVersion,
      @JsonPropertyDescription("When.") @Nullable String writtenAt) {}

  /** A write that is about to be made. */
  public record Intent(
      @JsonPropertyDescription("The object.") @Nullable ObjectName object,
      @JsonPropertyDescription("Its spec before; absent for a create.") @Nullable PolicySpec before,
      @JsonPropertyDescription("Its spec after; absent for a delete.") @Nullable PolicySpec after,
      @JsonPropertyDescription("Why it is written.") @Nullable String purpose,
      @JsonPropertyDescription("Whether it lets in plaintext that was refused.")
          @Nullable Boolean weakens,
      @JsonPropertyDescription("Why, in words.") @Nullable String why,
      @JsonPropertyDescription("Unique; a created object carries it.") @Nullable String marker,
      @JsonPropertyDescription("UID of the object; absent for a create.") @Nullable String uid,
      @JsonPropertyDescription("resourceVersion that it must still have.")
          @Nullable String resourceVersion,
      @JsonPropertyDescription("Lease transitions of the writer.") @Nullable Long term,
      @JsonPropertyDescription("When.") @Nullable String at,
      @JsonPropertyDescription("Effective mode of its scope before.") @Nullable String previousMode,
      @JsonPropertyDescription("Effective modes of ports before, where they differed.")
          @Nullable Map<String, String> previousPorts) {}

  /** A person's permission for gates to pass once. */
  public record GateWaiver(
      @JsonPropertyDescription("The gates.") @Nullable List<String> gates,
      @JsonPropertyDescription("Who.") @Nullable String by,
      @JsonPropertyDescription("When.") @Nullable String at,
      @JsonPropertyDescription("Why.") @Nullable String comment,
      @JsonPropertyDescription("The plan's generation that it was given for.")
          @Nullable Long generation,
      @JsonPropertyDescription("Whether it has been used up.") @Nullable Boolean used,
      @JsonInclude(JsonInclude.Include.NON_NULL)
          @JsonPropertyDescription("Whether they pass whatever they find until the lock.")
          @Nullable Boolean force,
      @JsonInclude(JsonInclude.Include.NON_NULL)
          @JsonPropertyDescription("By gate, what it had found then; it holds for anything else.")
          @Nullable Map<String, List<String>> covers) {}

  /** The dry run of STRICT. */
  public record Audit(
      @JsonPropertyDescription("Unique; the placed policy carries it.") @Nullable String marker,
      @JsonPropertyDescription("Whether its policy may be in the cluster.") @Nullable Boolean there,
      @JsonPropertyDescription("UID and resourceVersion of the policy that counts.")
          @Nullable String version,
      @JsonPropertyDescription("Since when it counts.") @Nullable String placedAt,
      @JsonPropertyDescription("When it had counted for long enough.") @Nullable String passedAt,
      @JsonPropertyDescription("Why it cannot be made.") @Nullable String problem,
      @JsonInclude(JsonInclude.Include.NON_NULL)
          @JsonPropertyDescription("Exceptions of the namespace that the plan had while it ran.")
          @Nullable List<String> excepted,
      @JsonInclude(JsonInclude.Include.NON_EMPTY)
          @JsonPropertyDescription("Whose clients it would have refused; a person let these pass.")
          @Nullable List<String> refused) {}

  /** A pending message to a hook. */
  public record Notice(
      @JsonPropertyDescription("The same for every attempt.") @Nullable String id,
      @JsonPropertyDescription("The hook.") @Nullable String url,
      @JsonPropertyDescription("Which of its moments it is.") @Nullable String when,
      @JsonPropertyDescription("Generation of the plan then.") @Nullable Long generation,
      @JsonPropertyDescription("The phase that was entered.") @Nullable String phase,
      @JsonPropertyDescription("Why.") @Nullable String reason,
      @JsonPropertyDescription("Why, in words.") @Nullable String message,
      @JsonPropertyDescription("When it happened.") @Nullable String at,
      @JsonPropertyDescription("What was written, or taken back.") @Nullable List<Told> objects,
      @JsonPropertyDescription("What went wrong with the first attempt that failed.")
          @Nullable String problem) {}

  /** An object named in a hook's message. */
  public record Told(
      @JsonPropertyDescription("The object.") @Nullable ObjectName object,
      @JsonPropertyDescription("Why it was written.") @Nullable String purpose,
      @JsonPropertyDescription("Its spec before; absent when it did not exist.")
          @Nullable PolicySpec before,
      @JsonPropertyDescription("Its spec after; absent when it was deleted.")
          @Nullable PolicySpec after) {}

  /** The problem of a step. */
  public record Health(
      @JsonPropertyDescription("Since when.") @Nullable String since,
      @JsonPropertyDescription("Stable reason.") @Nullable String reason,
      @JsonPropertyDescription("Who and where.") @Nullable String message,
      @JsonPropertyDescription("Some of the calls that were refused or did not arrive.")
          @Nullable List<String> refused) {}

  /** A person's request. */
  public record Request(
      @JsonPropertyDescription("What.") @Nullable String action,
      @JsonPropertyDescription("Who.") @Nullable String by,
      @JsonPropertyDescription("Why.") @Nullable String comment,
      @JsonPropertyDescription("When.") @Nullable String at) {}
}
