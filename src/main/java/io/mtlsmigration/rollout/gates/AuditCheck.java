// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.DryRun;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The dry run of STRICT has refused nobody for as long as the plan asks. A request that would have
 * been refused restarts that time.
 */
public final class AuditCheck implements GateCheck {

  @Override
  public Gate gate() {
    return Gate.AUDIT;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    Duration length = context.spec().gates().audit();
    if (length == null) {
      return pass(context, Reason.NOT_ASKED_FOR, "the plan asks for no dry run of STRICT");
    }
    if (context.isMesh()) {
      return pass(
          context, Reason.NOT_ASKED_FOR, "every namespace had its dry run before it was locked");
    }
    List<String> ambient = ambient(context.facts());
    if (!ambient.isEmpty()) {
      return fail(
          context,
          Reason.AUDIT_IMPOSSIBLE,
          "a dry run may be enforced on ambient pods: "
              + Words.list(ambient)
              + "; take audit out of the plan or override it",
          ambient);
    }
    if (context.spec().apply() == PlanSpec.Apply.MANIFEST) {
      return inconclusive(
          context,
          Reason.AUDIT_IMPOSSIBLE,
          "a dry run is written, and apply: MANIFEST writes nothing; take audit out of the plan or"
              + " override it");
    }
    return run(context);
  }

  /** Returns ambient pods with a ztunnel before 1.29, which enforces what it should count. */
  public static List<String> ambient(NamespaceFacts facts) {
    List<String> ambient = new ArrayList<>();
    for (Pod pod : facts.pods()) {
      if (!pod.terminated() && pod.dataPlane() == DataPlane.AMBIENT) {
        ambient.add(facts.name() + "/" + pod.name());
      }
    }
    return ambient;
  }

  @Override
  public Set<String> found(GateContext context, GateResult result) {
    DryRun run = context.step().dryRun();
    if (result.reason() != Reason.WOULD_BE_REFUSED || run == null) {
      return Set.of();
    }
    return run.passedAt() == null ? refused(context, denials(context)) : run.refused();
  }

  @Override
  public @Nullable GateResult unmeasured(GateContext context, GateResult result) {
    if (result.reason() != Reason.WOULD_BE_REFUSED) {
      return result.result() == GateResult.Result.PASS ? null : result;
    }
    DryRun run = context.step().dryRun();
    if (run == null || run.passedAt() != null) {
      return null;
    }
    GateResult silent = silent(context, denials(context));
    return silent.result() == GateResult.Result.PASS ? null : silent;
  }

  /**
   * Returns the servers whose clients a dry run would refuse that has counted for long enough;
   * nothing while it has not. Whether these pass is for a person to say.
   */
  public static Optional<Set<String>> ended(GateContext context) {
    AuditCheck check = new AuditCheck();
    GateResult result = check.evaluate(context);
    boolean judged =
        result.reason() == Reason.HOLDS
            || (result.reason() == Reason.WOULD_BE_REFUSED
                && check.unmeasured(context, result) == null);
    return judged ? Optional.of(check.found(context, result)) : Optional.empty();
  }

  private GateResult run(GateContext context) {
    DryRun run = context.step().dryRun();
    if (run == null) {
      return awaited(context);
    }
    if (!run.problem().isEmpty()) {
      return fail(
          context,
          Reason.AUDIT_IMPOSSIBLE,
          "the dry run could not be made: " + run.problem() + "; retry when that is mended",
          List.of(run.problem()));
    }
    if (!run.counts(context.spec().exceptions())) {
      return inconclusive(
          context,
          Reason.AUDIT_RUNS,
          "the last dry run left out a port that is no exception any more; another one follows");
    }
    if (run.passedAt() != null) {
      return passed(context, run);
    }
    if (run.placedAt() == null) {
      return inconclusive(
          context,
          Reason.AUDIT_RUNS,
          context.step().phase() != Phase.AUDITING
              ? "the last dry run is being removed"
              : run.there()
                  ? "the dry run is placed; its time begins when every proxy has it"
                  : "the dry run is being placed");
    }
    return counted(context, denials(context));
  }

  private GateResult passed(GateContext context, DryRun run) {
    String words = "a dry run from " + run.placedAt() + " to " + run.passedAt();
    if (run.refused().isEmpty()) {
      return pass(context, Reason.HOLDS, words + " refused nobody");
    }
    List<String> refused = run.refused().stream().sorted().toList();
    return fail(
        context,
        Reason.WOULD_BE_REFUSED,
        words + " would have refused clients of " + Words.list(refused),
        refused);
  }

  /** Returns the result before a dry run; none is begun whose refusals nobody would count. */
  private GateResult awaited(GateContext context) {
    return context.observation().denials(context.facts().name(), context.now())
            instanceof Evidence.Unavailable<List<ShadowDenial>>(var why, var detail)
        ? unknown(context, why, detail)
        : inconclusive(
            context, Reason.AUDIT_AWAITED, "the dry run begins when the gates before it hold");
  }

  private GateResult unknown(GateContext context, Evidence.Reason why, String detail) {
    return inconclusive(
        context,
        Reason.EVIDENCE_UNAVAILABLE,
        "what a dry run would refuse is not known (" + Words.of(why) + "): " + detail);
  }

  private GateResult counted(GateContext context, Evidence<List<ShadowDenial>> evidence) {
    List<String> refused =
        denials(context, evidence)
            .map(denial -> server(denial) + ", " + Words.counted(denial.count(), "request"))
            .toList();
    return refused.isEmpty()
        ? silent(context, evidence)
        : fail(
            context,
            Reason.WOULD_BE_REFUSED,
            "STRICT would refuse clients of " + Words.list(refused) + " within " + length(context),
            refused);
  }

  /** Returns the result of evidence that shows nobody, or whatever it shows beside somebody. */
  private GateResult silent(GateContext context, Evidence<List<ShadowDenial>> evidence) {
    return switch (evidence) {
      case Evidence.Measured<List<ShadowDenial>>(var ignored, var asOf) -> silent(context, asOf);
      case Evidence.NoSamples<List<ShadowDenial>>(var asOf, var detail) -> {
        if (context.spec().gates().noSamples() == PlanSpec.NoSamples.PASS) {
          yield silent(context, asOf);
        }
        yield inconclusive(
            context,
            Reason.NO_SAMPLES,
            "no request was judged by the dry run ("
                + detail
                + "); set noSamples to PASS for a namespace that is known to be idle");
      }
      case Evidence.Unavailable<List<ShadowDenial>>(var why, var detail) ->
          unknown(context, why, detail);
    };
  }

  private static Duration length(GateContext context) {
    return Objects.requireNonNull(context.spec().gates().audit());
  }

  private static Instant placed(GateContext context) {
    return Objects.requireNonNull(
        Objects.requireNonNull(context.step().dryRun()).placedAt(), "the dry run does not count");
  }

  private static Instant from(GateContext context) {
    Instant placed = placed(context);
    Instant earliest = context.now().minus(length(context));
    return placed.isAfter(earliest) ? placed : earliest;
  }

  private static Evidence<List<ShadowDenial>> denials(GateContext context) {
    return context.observation().denials(context.facts().name(), from(context));
  }

  private static Stream<ShadowDenial> denials(
      GateContext context, Evidence<List<ShadowDenial>> evidence) {
    return evidence instanceof Evidence.Measured<List<ShadowDenial>>(var denials, var ignored)
        ? denials.stream().filter(denial -> denial.count() > 0 && counts(context, denial))
        : Stream.empty();
  }

  private static Set<String> refused(GateContext context, Evidence<List<ShadowDenial>> evidence) {
    return denials(context, evidence).map(AuditCheck::server).collect(Collectors.toSet());
  }

  private static String server(ShadowDenial denial) {
    return denial.server().id() + (denial.port() == 0 ? "" : ":" + denial.port());
  }

  private GateResult silent(GateContext context, Instant asOf) {
    if (context.isOld(asOf)) {
      return inconclusive(
          context, Reason.EVIDENCE_UNAVAILABLE, "evidence of the dry run ends too long ago");
    }
    if (!asPlaced(context)) {
      return inconclusive(
          context,
          Reason.AUDIT_RUNS,
          "the policy of the dry run is not the one that was placed: somebody may have changed or deleted"
              + " it, and its time starts again");
    }
    Instant from = from(context);
    Instant counted = context.observation().countedSince(context.facts().name(), from);
    Instant since = counted.isAfter(from) ? counted : placed(context);
    Instant enough = since.plus(length(context));
    // Only evidence read after the end covers the whole time.
    return asOf.isBefore(enough)
        ? inconclusive(
            context,
            Reason.AUDIT_RUNS,
            "the dry run refuses nobody since " + since + "; enough at " + enough)
        : pass(context, Reason.HOLDS, "the dry run has refused nobody for " + length(context));
  }

  /** Returns whether facts show what counts; hours may have passed in which nobody looked. */
  private static boolean asPlaced(GateContext context) {
    DryRun run = context.step().dryRun();
    return run != null
        && DryRunPolicy.in(context.facts())
            .filter(policy -> policy.version().equals(run.version()))
            .isPresent();
  }

  /** Returns whether a denial counts: not for gateways' clients or ports that stay open. */
  private static boolean counts(GateContext context, ShadowDenial denial) {
    Set<DataPlane> planes =
        context.facts().pods().stream()
            .filter(p -> !p.terminated() && p.workload().equals(denial.server()))
            .map(Pod::dataPlane)
            .collect(Collectors.toSet());
    return !planes.equals(Set.of(DataPlane.GATEWAY))
        && !ExceptionCover.of(context.facts(), context.spec().exceptions())
            .covers(denial.server(), denial.port());
  }
}
