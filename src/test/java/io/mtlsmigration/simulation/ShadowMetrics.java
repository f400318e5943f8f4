// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.prometheus.QueryResult.Sample;
import io.mtlsmigration.prometheus.QueryResult.Series;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What Prometheus holds of the counters of dry runs: they begin with the first one that a proxy
 * has, and stay with it, though their policy be gone.
 */
final class ShadowMetrics {

  private final World world;
  private final Metrics metrics;

  ShadowMetrics(World world, Metrics metrics) {
    this.world = world;
    this.metrics = metrics;
  }

  /** Whose statistics are scraped, and who counts a dry run. */
  List<Series> pods(long at) {
    List<Series> found = new ArrayList<>();
    present(at, known -> true).forEach(labels -> found.addAll(Metrics.one(labels, 1, at)));
    return found;
  }

  private Set<Map<String, String>> present(long at, Predicate<Workload> meant) {
    Set<Map<String, String>> found = new HashSet<>();
    metrics.proxies(
        at,
        at,
        (workload, pod, life) -> {
          long sample = meant.test(workload) ? metrics.present(workload, life, at) : Scrapes.NEVER;
          if (sample > Scrapes.NEVER) {
            Map<String, String> labels = Metrics.labels(workload, pod);
            found.add(labels);
            if (workload.shadows(life).stream().anyMatch(shadow -> shadow.from() <= sample)) {
              Map<String, String> counts = new HashMap<>(labels);
              counts.put("authz_dry_run_action", "deny");
              found.add(counts);
            }
          }
        });
    return found;
  }

  /** The same at each step of a range, of some namespaces alone. */
  List<Series> counting(Set<String> namespaces, long from, long to, long step) {
    Map<Map<String, String>, List<Sample>> found = new HashMap<>();
    for (long at = from; at <= to; at += step) {
      Sample sample = new Sample(World.START.getEpochSecond() + at, 1);
      present(at, workload -> namespaces.contains(workload.namespace))
          .forEach(labels -> found.computeIfAbsent(labels, l -> new ArrayList<>()).add(sample));
    }
    return series(found);
  }

  private static List<Series> series(Map<Map<String, String>, List<Sample>> samples) {
    List<Series> found = new ArrayList<>();
    samples.forEach((labels, all) -> found.add(new Series(labels, all)));
    return found;
  }

  /** What came within each step of a range: what would have been refused, or all. */
  List<Series> counted(boolean all, long from, long to, long step) {
    Map<Map<String, String>, NavigableMap<Long, Double>> sums = new HashMap<>();
    for (Workload workload : world.cluster.everyWorkload()) {
      for (Workload.Life life : workload.lives) {
        List<Workload.Shadow> shadows = workload.shadows(life);
        if (!shadows.isEmpty()) {
          long begun = Math.max(0, Math.floorDiv(shadows.getFirst().from() - from, step));
          for (long at = from + begun * step; at <= to && at - step < life.to(); at += step) {
            if (!metrics.again(workload, life, at)) {
              step(workload, life, shadows, all, at - step, at, sums);
            }
          }
        }
      }
    }
    List<Series> found = new ArrayList<>();
    sums.forEach(
        (labels, values) -> {
          List<Sample> samples = new ArrayList<>();
          values.forEach(
              (at, value) -> samples.add(new Sample(World.START.getEpochSecond() + at, value)));
          found.add(new Series(labels, samples));
        });
    return found;
  }

  private void step(
      Workload workload,
      Workload.Life life,
      List<Workload.Shadow> shadows,
      boolean all,
      long begin,
      long end,
      Map<Map<String, String>, NavigableMap<Long, Double>> sums) {
    long last = world.scrapes.scraped(workload.id(), life, end);
    if (last <= begin || shadows.getFirst().from() > last) {
      return;
    }
    long known = world.scrapes.scraped(workload.id(), life, begin);
    long before = known > begin - Metrics.BEFORE ? known : life.from() - 1;
    for (Calls.Flow flow : world.calls().to(workload)) {
      double count = judged(flow, shadows, all, before, last);
      if (count > 0) {
        sums.computeIfAbsent(labels(workload, life.pod(), all, flow.port), l -> new TreeMap<>())
            .merge(end, count, Double::sum);
      }
    }
  }

  private static Map<String, String> labels(Workload workload, String pod, boolean all, int port) {
    return all
        ? Map.of("namespace", workload.namespace)
        : Map.of(
            "namespace",
            workload.namespace,
            "pod",
            pod,
            "http_conn_manager_prefix",
            "inbound_0.0.0.0_" + port + ";");
  }

  /** One client's calls that a dry run judged in one proxy, after a second and up to another. */
  private static long judged(
      Calls.Flow flow, List<Workload.Shadow> shadows, boolean all, long from, long to) {
    long count = 0;
    for (Workload.Shadow shadow : shadows) {
      if (!all && shadow.notPorts().contains(flow.port)) {
        continue;
      }
      for (int i = flow.stretches.size() - 1; i >= 0; i--) {
        Calls.Stretch stretch = flow.stretches.get(i);
        if (stretch.to() <= Math.max(from, shadow.from())) {
          break;
        }
        long begin = Math.max(Math.max(from, stretch.from()), shadow.from());
        long end = Math.min(Math.min(to, stretch.to()), shadow.to());
        for (Calls.Receiver receiver : stretch.receivers()) {
          if (receiver.pod().equals(shadow.pod())
              && !receiver.refused()
              && (all || receiver.plaintext())) {
            count += flow.count(begin, end);
          }
        }
      }
    }
    return count;
  }
}
