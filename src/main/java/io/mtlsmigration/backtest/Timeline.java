// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.StepGap;
import io.mtlsmigration.traffic.StepSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The hours of one namespace: in which calls were seen, and of which silence is not known. Steps
 * before and after those of the history are not known either.
 */
final class Timeline {

  /** A reason why the silence of an hour is not known. */
  private record Doubt(UnknownCause cause, String detail) {}

  private static final Doubt NOT_READ =
      new Doubt(UnknownCause.NOT_READ, "longer ago than histories are read, or not over yet");

  private final PlaintextCalls calls;
  private final int steps;
  private final @Nullable Doubt[] doubts;

  /** By step: hours with calls, and hours in doubt, before it. */
  private final int[] seenBefore;

  private final int[] doubtedBefore;

  private Timeline(PlaintextCalls calls) {
    this.calls = calls;
    this.steps = calls.watched().size();
    this.doubts = new Doubt[steps];
    this.seenBefore = new int[steps + 1];
    this.doubtedBefore = new int[steps + 1];
  }

  /**
   * Lays it out.
   *
   * @param window in which each server wants a sample
   */
  static Timeline of(Subject.Known known, Duration window) {
    Timeline line = new Timeline(known.calls());
    known.sampled().stream().sorted().forEach(server -> line.sampled(server, window));
    line.undated();
    known.doubts().forEach(line::doubt);
    line.unwatched(known.asOf());
    line.count();
    return line;
  }

  private void sampled(WorkloadRef server, Duration window) {
    StepSet samples = calls.sampled().getOrDefault(server, StepSet.NONE);
    int length = Math.toIntExact(Math.ceilDiv(window.toSeconds(), calls.step().toSeconds()));
    Doubt none = new Doubt(UnknownCause.NO_SAMPLES, server.id() + " had no sample");
    int last = -1;
    for (int i = 0; i < steps; i++) {
      if (samples.contains(i)) {
        last = i;
      }
      if (last < 0 || i - last >= length) {
        doubts[i] = none;
      }
    }
  }

  /** Of a call without a date nobody knows in which of the hours before it was. */
  private void undated() {
    for (PlaintextCalls.Row row : calls.rows()) {
      Instant before = row.undatedBefore();
      if (before != null) {
        doubt(
            new UnknownTime(
                Instant.MIN,
                before,
                UnknownCause.UNDATED_CALLS,
                row.client().id() + " called at a time that is not known"));
      }
    }
  }

  private void doubt(UnknownTime time) {
    Doubt doubt = new Doubt(time.cause(), time.detail());
    for (int i = 0; i < steps; i++) {
      if (time.from().isBefore(begin(i + 1)) && time.until().isAfter(begin(i))) {
        doubts[i] = doubt;
      }
    }
  }

  private void unwatched(Instant asOf) {
    for (int i = 0; i < steps; i++) {
      if (!calls.watched().get(i)) {
        StepGap gap = calls.gaps().get(i);
        doubts[i] = new Doubt(gap == null ? UnknownCause.NOT_WATCHED : UnknownCause.of(gap), "");
      } else if (begin(i + 1).isAfter(asOf)) {
        doubts[i] = NOT_READ;
      }
    }
  }

  private void count() {
    boolean[] seen = new boolean[steps];
    for (PlaintextCalls.Row row : calls.rows()) {
      for (int i = 0; i < steps; i++) {
        seen[i] |= row.calls().get(i) > 0;
      }
    }
    for (int i = 0; i < steps; i++) {
      seenBefore[i + 1] = seenBefore[i] + (seen[i] ? 1 : 0);
      doubtedBefore[i + 1] = doubtedBefore[i] + (doubts[i] == null ? 0 : 1);
    }
  }

  Instant begin(int step) {
    return calls.begin(step);
  }

  /** Returns the step of an instant; negative, or beyond all, outside of the history. */
  int step(Instant at) {
    return Math.toIntExact(
        Math.floorDiv(Duration.between(calls.from(), at).toMillis(), calls.step().toMillis()));
  }

  /** Returns the first step that begins at an instant or later. */
  int stepFrom(Instant at) {
    int step = step(at);
    return begin(step).equals(at) ? step : step + 1;
  }

  /** Returns whether nobody called for some time before an instant, as is known. */
  boolean silent(Instant at, Duration length) {
    int first = step(at.minus(length));
    int end = stepFrom(at);
    return first >= 0
        && end <= steps
        && seenBefore[end] == seenBefore[first]
        && doubtedBefore[end] == doubtedBefore[first];
  }

  /**
   * Returns whether nobody may have called for some time before some instant of a step. Of the
   * hours at both ends a part may have been silent in which there were calls.
   */
  boolean maybeSilent(int step, Duration length) {
    long whole = length.toMillis() / calls.step().toMillis();
    int end = Math.clamp(step, 0, steps);
    int first = Math.clamp(step - whole + 1, 0, end);
    return seenBefore[end] == seenBefore[first];
  }

  /** Returns the times whose silence is not known, the oldest first. */
  List<UnknownTime> unknown(Instant from, Instant until) {
    List<UnknownTime> times = new ArrayList<>();
    int end = stepFrom(until);
    for (int i = step(from); i < end; ) {
      Doubt doubt = doubt(i);
      int next = i + 1;
      while (next < end && Objects.equals(doubt(next), doubt)) {
        next++;
      }
      if (doubt != null) {
        times.add(new UnknownTime(begin(i), begin(next), doubt.cause(), doubt.detail()));
      }
      i = next;
    }
    return times;
  }

  private @Nullable Doubt doubt(int step) {
    return step < 0 || step >= steps ? NOT_READ : doubts[step];
  }

  /** Returns since when anything is known; null when nothing is. */
  @Nullable Instant knownFrom() {
    for (int i = 0; i < steps; i++) {
      if (doubts[i] == null) {
        return begin(i);
      }
    }
    return null;
  }

  PlaintextCalls calls() {
    return calls;
  }
}
