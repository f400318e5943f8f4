// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.Watch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The time back to which the answers of one reading reach, by their own account: several replicas
 * may stand behind one address, and each answer may come from another one.
 */
final class EvidenceReach {

  private static final String LABEL = "reaches";

  /** What the answers say of their reach; 0 of one that says nothing. */
  private double least = Double.MAX_VALUE;

  private double most;

  /** Returns the series of an answer, without the one that says how far back it reaches. */
  List<QueryResult.Series> heard(List<QueryResult.Series> answer) {
    List<QueryResult.Series> series = new ArrayList<>(answer.size());
    double told = 0;
    for (QueryResult.Series one : answer) {
      if (tells(one)) {
        told = one.value();
      } else {
        series.add(one);
      }
    }
    least = Math.min(least, told);
    most = Math.max(most, told);
    return series;
  }

  /**
   * Returns whether all answers know of proxies, or ztunnels, at as many steps of the window, but
   * for some.
   */
  boolean agrees(int apart) {
    return most - least <= apart;
  }

  /** Returns whether each answer knows of the start of the window. */
  boolean toTheStart() {
    return least > 0;
  }

  /** Returns whether a series says how far back its answer reaches. */
  static boolean tells(QueryResult.Series series) {
    return !series.label(LABEL).isEmpty();
  }

  /**
   * Returns a watch from the time since which silence in these answers is evidence, where that is
   * later than the start of the window; null where it is not.
   *
   * @throws QueryResult.FailedQuery when Prometheus does not answer
   */
  @Nullable Watch vouches(ScrapeCoverage coverage, Instant now, Duration window) {
    if (toTheStart()) {
      return null;
    }
    ScrapeCoverage.Gap gap = coverage.atTheStart(now, window);
    return gap == null
        ? contradicted(now)
        : new Watch(gap.until(), false, gap.reason(), gap.detail());
  }

  /** Returns the watch of one who was told different things by several replicas. */
  static Watch contradicted(Instant now) {
    return new Watch(
        now,
        false,
        Evidence.Reason.WINDOW_NOT_COVERED,
        "answers of Prometheus do not agree on how far back they reach: two replicas of"
            + " different age stand behind one address; ask one, or what joins them");
  }
}
