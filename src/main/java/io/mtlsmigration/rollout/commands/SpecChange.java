// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.plan.PlanSpec.Verification;
import io.mtlsmigration.plan.PlanWindows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The effect of a change of a started plan. Exceptions may be added, what was agreed about them
 * (owner, reason, day, paths) changed, and gates and verification tightened. Its start may be
 * changed at will, because it has no meaning any more.
 *
 * @param refused parts that no change may have, in words
 * @param loosened windows that become shorter, and clients that may fail from now on, in words: who
 *     may override changes these by a command of their own, with a reason
 */
record SpecChange(List<String> refused, List<String> loosened) {

  private static final String PATH = "/api/v1/plans/";

  private static final String TIGHTER = " (it may only become tighter)";

  SpecChange {
    refused = List.copyOf(refused);
    loosened = List.copyOf(loosened);
  }

  static SpecChange of(PlanSpec old, PlanSpec next) {
    List<String> refused = new ArrayList<>();
    check(refused, old.name().equals(next.name()), "name");
    check(refused, old.target() == next.target(), "target");
    check(refused, old.scope().equals(next.scope()), "scope");
    check(refused, old.waves().equals(next.waves()), "waves");
    check(refused, old.onFailure() == next.onFailure(), "onFailure");
    check(refused, old.apply() == next.apply(), "apply");
    check(refused, old.adopt() == next.adopt(), "adopt");
    check(
        refused,
        keeps(old, next),
        "exceptions (they may be added, and their owner, reason, day and paths changed; one is"
            + " ended by DELETE "
            + PATH
            + old.name()
            + "/exceptions/{exception})");
    gates(refused, old.gates(), next.gates());
    verification(refused, old.verification(), next.verification());
    return new SpecChange(refused, loosened(old, next));
  }

  /** Returns everything that keeps the change from being an edit, each with its remedy. */
  List<String> notByEdit(String plan) {
    List<String> all = new ArrayList<>(refused);
    loosened.forEach(
        one ->
            all.add(
                one
                    + " (by PUT "
                    + PATH
                    + plan
                    + "/windows with override, a client that may fail by POST "
                    + PATH
                    + plan
                    + "/ignored-clients)"));
    return all;
  }

  /** Returns whether everything that exceptions leave open stays open. */
  static boolean keeps(PlanSpec old, PlanSpec next) {
    return old.exceptions().stream()
        .allMatch(one -> next.exceptions().stream().anyMatch(one::opensAs));
  }

  /** Returns the windows that differ, in words. */
  static List<String> windows(PlanSpec old, PlanSpec next) {
    return windows(old, next, false);
  }

  private static List<String> windows(PlanSpec old, PlanSpec next, boolean shorter) {
    PlanWindows was = PlanWindows.of(old);
    PlanWindows is = PlanWindows.of(next);
    List<String> found = new ArrayList<>();
    window(found, "gates.plaintextWindow", was.plaintextWindow(), is.plaintextWindow(), shorter);
    window(found, "gates.soak", was.soak(), is.soak(), shorter);
    window(found, "gates.audit", was.audit(), is.audit(), shorter);
    window(
        found,
        "verification.duration",
        was.verificationDuration(),
        is.verificationDuration(),
        shorter);
    return found;
  }

  private static void window(
      List<String> found,
      String field,
      @Nullable Duration was,
      @Nullable Duration is,
      boolean shorter) {
    int change = length(is).compareTo(length(was));
    if (shorter ? change < 0 : change != 0) {
      found.add(field + " from " + words(was) + " to " + words(is));
    }
  }

  private static Duration length(@Nullable Duration window) {
    return window == null ? Duration.ZERO : window;
  }

  private static String words(@Nullable Duration window) {
    return window == null ? "none" : window.toString();
  }

  private static List<String> loosened(PlanSpec old, PlanSpec next) {
    List<String> loosened = new ArrayList<>(windows(old, next, true));
    for (IgnoredClient client : next.verification().ignoreClients()) {
      if (old.verification().ignoreClients().stream().noneMatch(client::within)) {
        loosened.add("verification.ignoreClients with " + client.words());
      }
    }
    return loosened;
  }

  private static void gates(List<String> refused, PlanSpec.Gates old, PlanSpec.Gates next) {
    check(
        refused,
        old.noSamples() == next.noSamples() || next.noSamples() == PlanSpec.NoSamples.HOLD,
        "gates.noSamples" + TIGHTER);
    check(refused, next.probes() || !old.probes(), "gates.probes" + TIGHTER);
    check(refused, next.approval().compareTo(old.approval()) >= 0, "gates.approval" + TIGHTER);
    check(
        refused,
        narrower(old.changeWindows(), next.changeWindows()),
        "gates.changeWindows" + TIGHTER);
    check(refused, next.hooks().containsAll(old.hooks()), "gates.hooks" + TIGHTER);
  }

  private static void verification(List<String> refused, Verification old, Verification next) {
    check(refused, next.maxRefusals() <= old.maxRefusals(), "verification.maxRefusals" + TIGHTER);
    check(
        refused,
        next.maxClientFailureRatio() <= old.maxClientFailureRatio(),
        "verification.maxClientFailureRatio" + TIGHTER);
  }

  /** Returns whether the windows only narrow. No window means always, so the first one narrows. */
  private static boolean narrower(List<ChangeWindow> old, List<ChangeWindow> next) {
    return old.isEmpty() || (!next.isEmpty() && old.containsAll(next));
  }

  private static void check(List<String> refused, boolean allowed, String what) {
    if (!allowed) {
      refused.add(what);
    }
  }
}
