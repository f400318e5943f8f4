package io.mtlsmigration.prometheus;

import java.util.List;
import java.util.Map;

/** What a query gave: a closed set, so that no failure is taken for an empty answer. */
sealed interface QueryResult {

  /** Series, each with its samples in order of time; an instant query has one sample a series. */
  record Answer(List<Series> series) implements QueryResult {
    public Answer {
      series = List.copyOf(series);
    }
  }

  /** No answer that can be used; the detail names what to look at. */
  record Failed(String detail) implements QueryResult {}

  /** One series of an answer. */
  record Series(Map<String, String> labels, List<Sample> samples) {
    public Series {
      labels = Map.copyOf(labels);
      samples = List.copyOf(samples);
    }

    String label(String name) {
      return labels.getOrDefault(name, "");
    }

    /** Value of the last sample. */
    double value() {
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
