// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.backtest.Backtest;
import io.mtlsmigration.backtest.Member;
import io.mtlsmigration.backtest.Unjudged;
import io.mtlsmigration.backtest.UnjudgedKind;
import io.mtlsmigration.backtest.UnknownCause;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.worklist.Owners;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(
    name = "Backtest",
    description = "What would have become of a plan, had it been started in the past")
public record BacktestView(
    @Schema(description = "Name of the plan") String plan,
    @Schema(description = "When it would have been started; a whole hour") Instant from,
    @Schema(description = "End; a whole hour") Instant to,
    @Schema(description = "To what times are known, such as PT1H") Duration resolution,
    @Schema(description = "The plan's plaintextWindow") Duration plaintextWindow,
    @Schema(description = "The plan's soak") Duration soak,
    @Schema(description = "Numbers of namespaces by outcome") Counts counts,
    @Schema(description = "In the order of waves") List<Namespace> namespaces,
    @Schema(description = "What was not judged, and is taken as given") List<NotJudged> notJudged) {

  private static final int SHOWN = 100;

  @Schema(name = "BacktestCounts", description = "Numbers of namespaces by outcome")
  public record Counts(
      @Schema(description = "OPENS") int opens,
      @Schema(description = "STAYS_SHUT") int staysShut,
      @Schema(description = "UNKNOWN") int unknown,
      @Schema(description = "LEFT_OPEN") int leftOpen) {

    private static Counts of(List<Member> members) {
      return new Counts(
          number(members, Member.Outcome.OPENS),
          number(members, Member.Outcome.STAYS_SHUT),
          number(members, Member.Outcome.UNKNOWN),
          number(members, Member.Outcome.LEFT_OPEN));
    }

    private static int number(List<Member> members, Member.Outcome outcome) {
      return (int) members.stream().filter(member -> member.outcome() == outcome).count();
    }
  }

  @Schema(name = "BacktestNamespace", description = "What would have become of a namespace")
  public record Namespace(
      @Schema(description = "Name of the namespace") String namespace,
      @Schema(description = "Name of its wave") String wave,
      @Schema(description = "What would have become of it") Member.Outcome outcome,
      @Schema(description = "Why, in a stable form") Member.Cause reason,
      @Schema(description = "Why, in words") String message,
      @Schema(
              description =
                  "When its plaintext gate alone would have passed, whatever came before, at the"
                      + " latest; null when that is not known to have happened")
          @Nullable Instant gateOpensAt,
      @Schema(
              description =
                  "When it would have been locked, at the latest: after its window and soak without"
                      + " plaintext, the waves before, and in a change window; null unless the"
                      + " outcome is OPENS")
          @Nullable Instant opensAt,
      @Schema(
              description =
                  "Before this it would not have been locked, whatever history cannot tell; null"
                      + " where it would not have been at all")
          @Nullable Instant mayOpenAt,
      @Schema(
              description =
                  "Clients that called after opensAt, and would have been refused; in the order of"
                      + " first calls, at most a hundred")
          List<Refused> refused,
      @Schema(
              description =
                  "Number of such clients in all, as far as is known: where unknown reaches beyond"
                      + " opensAt, there may be more")
          int refusedCount,
      @Schema(description = "Since when anything is known; null when nothing is")
          @Nullable Instant knownFrom,
      @Schema(
              description =
                  "Times, in the range and the window before it, whose silence is not known; at"
                      + " most the latest hundred")
          List<Unknown> unknown) {

    private static Namespace of(Member member, Owners owners) {
      List<io.mtlsmigration.backtest.UnknownTime> unknown = member.unknown();
      return new Namespace(
          member.namespace(),
          member.wave(),
          member.outcome(),
          member.cause(),
          member.message(),
          member.gateOpensAt(),
          member.opensAt(),
          member.mayOpenAt(),
          member.refused().stream().limit(SHOWN).map(client -> Refused.of(client, owners)).toList(),
          member.refused().size(),
          member.knownFrom(),
          unknown.subList(Math.max(0, unknown.size() - SHOWN), unknown.size()).stream()
              .map(time -> new Unknown(time.from(), time.until(), time.cause(), time.detail()))
              .toList());
    }
  }

  @Schema(name = "BacktestRefused", description = "A client that would have been refused")
  public record Refused(
      @Schema(description = "namespace/workload, an address, or unknown") String client,
      @Schema(description = "Who looks after it; null when no label tells") @Nullable String owner,
      @Schema(description = "Hour of its first call that would have been refused")
          Instant firstCall,
      @Schema(description = "Hour of its last one") Instant lastCall,
      @Schema(description = "Calls that would have been refused, as far as their hour is known")
          long calls,
      @Schema(description = "Workloads that it called: namespace/workload") List<String> servers,
      @Schema(description = "True when the plan's ignoreClients lets it fail") boolean mayFail) {

    private static Refused of(io.mtlsmigration.backtest.RefusedClient client, Owners owners) {
      return new Refused(
          client.client().id(),
          owners.of(client.client().workload()),
          client.firstCall(),
          client.lastCall(),
          client.calls(),
          client.servers(),
          client.mayFail());
    }
  }

  @Schema(name = "BacktestUnknown", description = "A time whose silence is not known")
  public record Unknown(
      @Schema(description = "Beginning") Instant from,
      @Schema(description = "End") Instant until,
      @Schema(description = "Why it is not known") UnknownCause cause,
      @Schema(description = "Names and figures; empty when the cause says it all") String detail) {}

  @Schema(name = "BacktestNotJudged", description = "Something that was not judged")
  public record NotJudged(
      @Schema(description = "What it is about") UnjudgedKind kind,
      @Schema(description = "What, in words") String message) {}

  public static BacktestView of(Backtest backtest, List<Unjudged> unjudged, Owners owners) {
    return new BacktestView(
        backtest.question().spec().name(),
        backtest.question().from(),
        backtest.question().to(),
        CallHistory.STEP,
        backtest.question().spec().gates().plaintextWindow(),
        backtest.question().spec().gates().soak(),
        Counts.of(backtest.members()),
        backtest.members().stream().map(member -> Namespace.of(member, owners)).toList(),
        unjudged.stream().map(one -> new NotJudged(one.kind(), one.message())).toList());
  }
}
