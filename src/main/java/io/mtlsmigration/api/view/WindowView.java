// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.traffic.ClientCalls;
import io.mtlsmigration.traffic.HistoryLimit;
import io.mtlsmigration.traffic.LimitKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(
    name = "NamespaceWindow",
    description = "How long the plaintext window of a namespace has to be, by its history")
public record WindowView(
    @Schema(description = "Name of the namespace") String namespace,
    @Schema(description = "Beginning of the history that was asked for") Instant from,
    @Schema(description = "End of its last hour, which may still run") Instant until,
    @Schema(description = "To what times are known, such as PT1H") Duration resolution,
    @Schema(description = "MEASURED when the source of evidence answered") EvidenceState evidence,
    @Schema(description = "Stable reason; null unless the evidence is UNAVAILABLE")
        @Nullable String reason,
    @Schema(description = "Why there is no evidence; empty when there is") String detail,
    @Schema(description = "Since when anything is known; null when nothing is")
        @Nullable Instant knownFrom,
    @Schema(description = "The latest times since then in which nobody watched; at most a hundred")
        List<Hole> holes,
    @Schema(
            description =
                "The shortest round window that would have missed no client whose period is known;"
                    + " null when there is none. What was not watched does not make it shorter")
        @Nullable Duration window,
    @Schema(description = "The client that decides it; null when there is none")
        @Nullable String decidedBy,
    @Schema(description = "Those that need the longest window first; at most a hundred")
        List<Client> clients,
    @Schema(description = "Number of clients in all") int clientCount,
    @Schema(description = "Length of each client's buckets: an hour up to a week, else a day")
        Duration bucket,
    @Schema(description = "Plans that have not ended and have the namespace in their scope")
        List<PlanWindow> plans,
    @Schema(description = "What this history cannot tell") List<Limit> limits) {

  @Schema(name = "HistoryHole", description = "A time in which nobody watched")
  public record Hole(
      @Schema(description = "Beginning") Instant from, @Schema(description = "End") Instant until) {

    public static Hole of(io.mtlsmigration.traffic.Hole hole) {
      return new Hole(hole.from(), hole.until());
    }
  }

  @Schema(name = "PlaintextClient", description = "A client that sent plaintext, and when")
  public record Client(
      @Schema(description = "namespace/workload, an address, or unknown") String client,
      @Schema(description = "Who looks after it; null when no label tells") @Nullable String owner,
      @Schema(
              description =
                  "Calls whose hour is known; own probes are in them where the source only counts")
          long calls,
      @Schema(description = "Hour of the first call; null when no hour is known")
          @Nullable Instant firstCall,
      @Schema(description = "Hour of the last call; null when no hour is known")
          @Nullable Instant lastCall,
      @Schema(
              description =
                  "The longest time between two calls, watched or not; null for a client that"
                      + " called in one hour alone")
          @Nullable Silence longestSilence,
      @Schema(
              description =
                  "The longest time between two calls of which it is known that there was none in"
                      + " it; null when there was none as long as an hour")
          @Nullable Silence seenSilence,
      @Schema(
              description =
                  "Time since the last call; null for a client that called in one hour alone")
          @Nullable Duration sinceLastCall,
      @Schema(
              description =
                  "The shortest round window that would not have missed it; null for a client that"
                      + " called in one hour alone")
          @Nullable Duration window,
      @Schema(
              description =
                  "It also called at unknown times before this; null where all times are known")
          @Nullable Instant undatedBefore,
      @Schema(description = "Its calls, the oldest first; days are those of UTC")
          List<Bucket> buckets) {}

  @Schema(
      name = "ClientSilence",
      description = "A time between two calls, to an hour more or less at either end")
  public record Silence(
      @Schema(description = "Hour of the call before it") Instant from,
      @Schema(description = "Hour of the call after it") Instant until,
      @Schema(description = "From hour to hour") Duration length,
      @Schema(description = "False when there may have been a call in an hour that nobody watched")
          boolean known) {

    public static @Nullable Silence of(ClientCalls.@Nullable Silence silence) {
      return silence == null
          ? null
          : new Silence(silence.from(), silence.until(), silence.length(), silence.known());
    }
  }

  @Schema(name = "CallBucket", description = "Calls of an hour or a day")
  public record Bucket(
      @Schema(description = "Beginning") Instant from,
      @Schema(description = "Number; null where nobody watched and none was counted")
          @Nullable Long calls) {}

  @Schema(name = "PlanWindow", description = "A plan's window against this history")
  public record PlanWindow(
      @Schema(description = "Name of the plan") String plan,
      @Schema(description = "Its plaintextWindow") Duration plaintextWindow,
      @Schema(description = "One sentence for each client that was seen silent for as long")
          List<String> warnings) {}

  @Schema(name = "HistoryLimit", description = "Something that the history cannot tell")
  public record Limit(
      @Schema(description = "Stable kind") LimitKind kind,
      @Schema(description = "What, in words") String message) {

    public static Limit of(HistoryLimit limit) {
      return new Limit(limit.kind(), limit.message());
    }
  }
}
