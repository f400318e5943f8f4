// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateOverride;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Evaluates all gates of one step on one observation. */
public final class Gates {

  /** Gates of a clock, a hook or a person. */
  private static final Set<Gate> LAST = EnumSet.of(Gate.WINDOW, Gate.HOOKS, Gate.APPROVAL);

  /** Gates that soak does not wait for: itself, and those of a clock, a hook or a person. */
  private static final Set<Gate> BESIDE_SOAK =
      EnumSet.of(Gate.SOAK, Gate.WINDOW, Gate.HOOKS, Gate.APPROVAL);

  /** Gates that cannot be judged under DISABLE: every mesh client sends plaintext then. */
  private static final Set<Gate> BESIDE_PREPARATION =
      EnumSet.of(Gate.PLAINTEXT, Gate.AUDIT, Gate.SOAK);

  /** Gates that the dry run of STRICT does not wait for: itself, and those that come after it. */
  private static final Set<Gate> BESIDE_AUDIT =
      EnumSet.of(Gate.AUDIT, Gate.SOAK, Gate.WINDOW, Gate.HOOKS, Gate.APPROVAL);

  private static final GateCheck SOAK = new SoakCheck();

  private static final List<GateCheck> CHECKS =
      List.of(
          new CaptureCheck(),
          new HazardCheck(),
          new PlaintextCheck(),
          new AuditCheck(),
          new ProbeCheck(),
          new SyncCheck(),
          new WindowCheck(),
          new HookCheck(),
          new ApprovalCheck());

  private Gates() {}

  /**
   * The results, with the time since when all gates that soak waits for hold.
   *
   * @param heldSince null when one of them does not
   */
  public record Verdict(List<GateResult> results, @Nullable Instant heldSince) {

    /** Returns true when every gate except {@code left} passes. */
    boolean allBut(Set<Gate> left) {
      for (GateResult result : results) {
        if (result.result() != GateResult.Result.PASS && !left.contains(result.gate())) {
          return false;
        }
      }
      return true;
    }

    public boolean all() {
      return allBut(Set.of());
    }

    public boolean readyBut(Gate... left) {
      return allBut(Set.of(left));
    }

    public boolean allButPlaintext() {
      return allBut(BESIDE_PREPARATION);
    }

    public GateResult of(Gate gate) {
      for (GateResult result : results) {
        if (result.gate() == gate) {
          return result;
        }
      }
      throw new IllegalStateException(gate + " was not judged");
    }

    /** Returns whether every gate passes that is not one of a clock, a hook or a person. */
    public boolean ready() {
      return allBut(LAST);
    }

    /**
     * Returns the first gate that does not pass, those of a clock, a hook or a person last, and
     * FAIL before INCONCLUSIVE; null when all pass.
     */
    public @Nullable GateResult holding() {
      return results.stream()
          .filter(result -> result.result() != GateResult.Result.PASS)
          .min(
              Comparator.comparing((GateResult result) -> LAST.contains(result.gate()))
                  .thenComparing(result -> result.result() != GateResult.Result.FAIL))
          .orElse(null);
    }
  }

  /**
   * Evaluates every gate. A result that says the same as the record's is the record's own object,
   * so that an unchanged step needs no save.
   *
   * @param continuous false when nobody watched since the last evaluation: soak starts again
   */
  public static Verdict evaluate(GateContext context, boolean continuous) {
    Map<Gate, GateResult> results = new EnumMap<>(Gate.class);
    boolean stale = context.stale();
    boolean holds = !stale;
    for (GateCheck check : CHECKS) {
      GateResult result = stale ? stale(check, context) : judged(check, context);
      holds &= BESIDE_SOAK.contains(check.gate()) || result.result() == GateResult.Result.PASS;
      results.put(check.gate(), kept(context.step(), result));
    }
    Instant before = continuous ? context.step().heldSince() : null;
    Instant held = holds ? (before == null ? context.now() : before) : null;
    // Last, because it depends on all the others.
    GateResult soak = stale ? stale(SOAK, context) : judged(SOAK, context.heldSince(held));
    results.put(Gate.SOAK, kept(context.step(), soak));
    return new Verdict(List.copyOf(results.values()), held);
  }

  /**
   * Returns whether to ask hooks. They are asked last, when nothing else holds the lock: they agree
   * to a lock now, and should not be asked all night about one that waits for its window.
   */
  public static boolean wantsHooks(Verdict verdict, GateContext context) {
    Set<Gate> left = EnumSet.of(Gate.HOOKS);
    if (context.preparing()) {
      left.addAll(BESIDE_PREPARATION);
    }
    return verdict.of(Gate.HOOKS).result() != GateResult.Result.PASS && verdict.allBut(left);
  }

  /**
   * Returns whether only the dry run is missing: it disturbs nobody, but says nothing about a mesh
   * that will change.
   */
  public static boolean wantsAudit(Verdict verdict) {
    return verdict.of(Gate.AUDIT).reason() == Reason.AUDIT_AWAITED && verdict.allBut(BESIDE_AUDIT);
  }

  /**
   * Returns whether a gate before the dry run fails while it runs. Proxies that lag do not count,
   * because they lag while taking in the dry run.
   */
  public static boolean breaksAudit(Verdict verdict) {
    for (GateResult result : verdict.results()) {
      if (result.result() == GateResult.Result.FAIL
          && result.gate() != Gate.SYNC
          && !BESIDE_AUDIT.contains(result.gate())) {
        return true;
      }
    }
    return false;
  }

  /** Returns true when all free checks hold, so that a dry-run write is worth its call. */
  public static boolean wantsDryRun(Verdict verdict, GateContext context) {
    Set<Gate> left = EnumSet.of(Gate.HOOKS, Gate.SYNC, Gate.SOAK, Gate.WINDOW, Gate.APPROVAL);
    if (context.preparing()) {
      left.addAll(BESIDE_PREPARATION);
    }
    return verdict.allBut(left);
  }

  private static GateResult judged(GateCheck check, GateContext context) {
    GateResult result = check.evaluate(context);
    if (result.result() == GateResult.Result.PASS || context.step().overrides().isEmpty()) {
      return result;
    }
    List<GateOverride> given =
        overridable(context, check.gate()) ? context.overrides(check.gate()) : List.of();
    return given.isEmpty() ? result : overridden(check, context, result, given);
  }

  /** Returns what a person agrees to who lets a gate pass with this result. */
  private static Set<String> found(
      GateCheck check, GateContext context, GateResult result, @Nullable GateResult rest) {
    Set<String> found = new TreeSet<>(check.found(context, result));
    if (rest != null) {
      found.add(GateOverride.NOT_MEASURED);
    }
    return found;
  }

  /**
   * Lets a result pass, unless it has found what nobody had seen who lets it pass. What is not
   * measured beside that is awaited.
   */
  private static GateResult overridden(
      GateCheck check, GateContext context, GateResult result, List<GateOverride> given) {
    GateResult rest = check.unmeasured(context, result);
    Set<String> found = found(check, context, result, rest);
    Set<String> later = new TreeSet<>(found);
    for (GateOverride override : given) {
      later.removeAll(
          override.force() ? found : override.covers().getOrDefault(result.gate(), List.of()));
    }
    GateOverride last = given.getLast();
    boolean agreed = later.isEmpty();
    GateResult held =
        rest != null && later.equals(Set.of(GateOverride.NOT_MEASURED)) ? rest : result;
    GateResult beside = result.equals(rest) ? null : rest;
    String message = result.message() + (beside == null ? "" : "; of others, " + beside.message());
    List<String> evidence = new ArrayList<>(result.evidence());
    if (beside != null) {
      evidence.addAll(beside.evidence());
    }
    return new GateResult(
        result.gate(),
        agreed ? GateResult.Result.PASS : held.result(),
        agreed ? Reason.OVERRIDDEN : held.reason(),
        agreed
            ? "%s lets it pass once (%s), though %s%s"
                .formatted(
                    last.by(),
                    last.comment(),
                    message,
                    found.stream().anyMatch(PlaintextCheck::nameless)
                        ? "; whoever no source tells apart passes with it, later ones too"
                        : "")
            : "%s; what %s let pass at %s did not have %s: override it again, if that may be, too"
                .formatted(message, last.by(), last.at(), Words.list(List.copyOf(later))),
        evidence,
        result.evaluatedAt());
  }

  /** Returns what gates have found now, by gate: what a person sees who lets them pass. */
  public static Map<Gate, List<String>> found(GateContext context, Set<Gate> gates) {
    Map<Gate, List<String>> all = new EnumMap<>(Gate.class);
    for (GateCheck check : CHECKS) {
      if (gates.contains(check.gate())) {
        GateResult result = check.evaluate(context);
        Set<String> found = found(check, context, result, check.unmeasured(context, result));
        if (result.result() != GateResult.Result.PASS && !found.isEmpty()) {
          all.put(check.gate(), List.copyOf(found));
        }
      }
    }
    return all;
  }

  /**
   * Returns whether a person may let a gate pass. {@code sync} is never overridden: a lock that no
   * proxy follows cannot be verified. Nor is {@code capture} where there is nothing to lock.
   */
  public static boolean overridable(GateContext context, Gate gate) {
    return switch (gate) {
      case SYNC -> false;
      case HAZARDS -> !HazardCheck.beyondOverride(context);
      case CAPTURE -> context.isMesh() || context.facts().capturedPods() > 0;
      default -> true;
    };
  }

  private static GateResult stale(GateCheck check, GateContext context) {
    return check.inconclusive(
        context,
        Reason.STALE_OBSERVATION,
        "the mesh was last seen completely at "
            + context.observation().modes().snapshot().observedAt()
            + ", too long ago to decide on");
  }

  private static GateResult kept(StepRecord step, GateResult result) {
    GateResult old = step.gate(result.gate());
    return old != null && old.says(result.result(), result.reason(), result.message())
        ? old
        : result;
  }
}
