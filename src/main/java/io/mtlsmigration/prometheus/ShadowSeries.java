// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One series of a dry run. Its origin is in labels that the scrape configuration adds, by the names
 * in Istio's samples and in their older versions.
 *
 * @param namespace empty when no label names it
 * @param pod empty when no label names it
 * @param port container port; 0 where the counter has none: TCP, and ports of no Service
 * @param counts whether it is a counter of a dry run
 */
record ShadowSeries(
    String namespace, String pod, int port, boolean counts, List<QueryResult.Sample> samples) {

  /** Istio's name of the listener: {@code inbound_0.0.0.0_8080}, {@code inbound_[::]_8080}. */
  private static final Pattern LISTENER = Pattern.compile("inbound_.*_(\\d{1,5});?");

  /** The same in the name of the metric, where the bootstrap of older proxies leaves it. */
  private static final Pattern METRIC = Pattern.compile("envoy_http_inbound_.*_(\\d{1,5})_*rbac");

  ShadowSeries {
    samples = List.copyOf(samples);
  }

  /** Returns the series whose labels do not contradict each other. */
  static List<ShadowSeries> of(List<QueryResult.Series> series) {
    return PodName.consistent(series).stream().map(ShadowSeries::of).toList();
  }

  private static ShadowSeries of(QueryResult.Series one) {
    PodName pod = PodName.of(one);
    return new ShadowSeries(
        pod.namespace(),
        pod.name(),
        port(one.label("http_conn_manager_prefix"), one.label("authz_dry_run_metric")),
        !one.label("authz_dry_run_action").isEmpty(),
        one.samples());
  }

  static int port(String listener, String metric) {
    Matcher told = LISTENER.matcher(listener);
    if (told.matches()) {
      return Integer.parseInt(told.group(1));
    }
    Matcher named = METRIC.matcher(metric);
    return named.matches() ? Integer.parseInt(named.group(1)) : 0;
  }

  /** Returns the sum of the steps that end after an instant. */
  double endingAfter(Instant from) {
    double sum = 0;
    for (QueryResult.Sample sample : samples) {
      if (sample.at() > from.toEpochMilli() / 1000.0 && sample.value() > 0) {
        sum += sample.value();
      }
    }
    return sum;
  }
}
