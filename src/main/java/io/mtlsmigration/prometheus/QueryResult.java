// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

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
      case Failed(var detail) -> throw new FailedQuery(detail);
    };
  }

  /** Thrown when a query failed, and with it the reading. */
  final class FailedQuery extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FailedQuery(String message) {
      super(message);
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

  /** The absence of a usable answer; the detail names the remedy. */
  record Failed(String detail) implements QueryResult {}

  /** One series of an answer. */
  record Series(Map<String, String> labels, List<Sample> samples) {
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
  }

  /**
   * One sample.
   *
   * @param at seconds since 1970
   */
  record Sample(double at, double value) {}
}
