// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The result of a query: a closed set, so that no failure is taken for an empty answer. */
public sealed interface QueryResult {

  /**
   * Returns the series of an answer.
   *
   * @throws FailedQuery when there is no answer
   */
  default List<Series> series() {
    return switch (this) {
      case Answer answer -> answer.found();
      case Failed(var detail, var large) -> throw new FailedQuery(detail, large);
    };
  }

  /** Thrown when a query failed, and with it the reading. */
  final class FailedQuery extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean large;

    FailedQuery(String message, boolean large) {
      super(message);
      this.large = large;
    }

    /** Returns whether a question about less may have an answer. */
    boolean large() {
      return large;
    }

    public String detail() {
      return String.valueOf(getMessage());
    }
  }

  /**
   * An answer of series, each with its samples in order of time; an instant query has one sample
   * per series.
   */
  record Answer(List<Series> found) implements QueryResult {
    public Answer {
      found = List.copyOf(found);
    }
  }

  /**
   * The absence of a usable answer; the detail names the remedy.
   *
   * @param large whether the question, or its answer, was too large
   */
  record Failed(String detail, boolean large) implements QueryResult {
    public Failed(String detail) {
      this(detail, false);
    }
  }

  /** One series of an answer. */
  record Series(Map<String, String> labels, List<Sample> samples) {
    /** The most that one client is believed to have called: sums of it do not overflow. */
    static final double MOST = 1e12;

    private static final double LONGEST = 1000 * 366 * 86_400d;

    public Series {
      labels = Map.copyOf(labels);
      samples = List.copyOf(samples);
    }

    public String label(String name) {
      return labels.getOrDefault(name, "");
    }

    /** Returns the value of the last sample. */
    public double value() {
      return samples.isEmpty() ? 0 : samples.getLast().value();
    }

    /** Returns it as a count. */
    long count() {
      return count(value());
    }

    /** Returns a count, which is a fraction where it was extrapolated. */
    static long count(double sum) {
      return Math.round(Math.min(sum, MOST));
    }

    /**
     * Returns it as a time in whole seconds, from none to a millennium: it may be any number that a
     * pod has exported, and with others there is no reckoning.
     */
    Duration time() {
      return Duration.ofSeconds((long) Math.clamp(value(), 0, LONGEST));
    }
  }

  /**
   * One sample.
   *
   * @param at seconds since 1970
   */
  record Sample(double at, double value) {}
}
