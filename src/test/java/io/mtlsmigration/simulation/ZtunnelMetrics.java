// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.prometheus.QueryResult.Sample;
import io.mtlsmigration.prometheus.QueryResult.Series;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/**
 * What Prometheus holds of the ztunnels: connections that were served, by workloads and not by
 * pods; bytes of those that are open. Its series say who the client was, if istiod knows it.
 */
final class ZtunnelMetrics {

  private final World world;
  private final Metrics metrics;

  ZtunnelMetrics(World world, Metrics metrics) {
    this.world = world;
    this.metrics = metrics;
  }

  List<Series> scraped(long begin, long end) {
    List<Series> found = new ArrayList<>();
    for (Workload.Life life : world.ztunnel.lives()) {
      long at = world.scrapes.scraped(Ztunnel.id(life.node()), life, end);
      if (at > begin) {
        found.addAll(Metrics.one(Metrics.labels(own(life), life.pod()), Metrics.epoch(at), end));
      }
    }
    return found;
  }

  /** Flows of which any call went to an ambient pod. */
  private List<Calls.Flow> ambient() {
    List<Calls.Flow> ambient = new ArrayList<>();
    for (Calls.Flow flow : world.calls().flows()) {
      if (flow.ambient) {
        ambient.add(flow);
      }
    }
    return ambient;
  }

  private Workload own(Workload.Life life) {
    return Objects.requireNonNull(world.cluster.workload(Ztunnel.id(life.node())));
  }

  /** Connections that one client made, and that were served, by the time of a scrape. */
  private static long served(Calls.Flow flow, Workload.Life life, boolean plaintext, long at) {
    long count = 0;
    for (int i = flow.stretches.size() - 1; i >= 0; i--) {
      Calls.Stretch stretch = flow.stretches.get(i);
      if (stretch.to() < life.from()) {
        break;
      }
      for (Calls.Receiver receiver : stretch.receivers()) {
        if (receiver.dataPlane() == DataPlane.AMBIENT
            && receiver.node().equals(life.node())
            && !receiver.refused()
            && receiver.plaintext() == plaintext) {
          count +=
              flow.count(Math.max(stretch.from(), life.from() - 1), Math.min(at, stretch.to()));
        }
      }
    }
    return count;
  }

  /** Minutes in which a connection has sent. */
  private static long sent(Ztunnel.Held held, Workload.Life life, long at) {
    if (!held.called().node().equals(life.node())) {
      return 0;
    }
    long from = Math.max(held.from(), life.from());
    return Math.max(0, Math.min(at, held.to()) - from) / Scrapes.INTERVAL;
  }

  List<Series> connections(boolean plaintext, long begin, long end) {
    Map<Map<String, String>, Double> sums = new HashMap<>();
    for (Workload.Life life : world.ztunnel.lives()) {
      for (Calls.Flow flow : ambient()) {
        double count = took(life, at -> served(flow, life, plaintext, at), begin, end);
        if (count > 0) {
          sums.merge(edge(flow.client, flow.server), count, Double::sum);
        }
      }
    }
    return series(sums, end);
  }

  List<Series> bytes(long begin, long end) {
    Map<Map<String, String>, Double> sums = new HashMap<>();
    for (Workload.Life life : world.ztunnel.lives()) {
      counters(
          life,
          (edge, counter) -> {
            double count = took(life, counter, begin, end);
            if (count > 0) {
              sums.merge(edge.get(), count, Double::sum);
            }
          });
    }
    return series(sums, end);
  }

  /** What has sent plaintext bytes, and how many by when. */
  private void counters(
      Workload.Life life, BiConsumer<Supplier<Map<String, String>>, LongUnaryOperator> each) {
    for (Calls.Flow flow : ambient()) {
      each.accept(() -> edge(flow.client, flow.server), at -> served(flow, life, true, at));
    }
    for (Ztunnel.Held held : world.ztunnel.held()) {
      each.accept(() -> edge(held.client(), held.server()), at -> sent(held, life, at));
    }
  }

  /** Of what every scrape of two minutes shows. */
  List<Series> open(long end) {
    Map<Map<String, String>, Double> sums = new HashMap<>();
    for (Workload.Life life : world.ztunnel.lives()) {
      long at = metrics.present(own(life), life, end);
      for (Ztunnel.Held held : world.ztunnel.held()) {
        boolean counted = held.from() >= life.from() && held.called().node().equals(life.node());
        if (counted && held.from() <= at - 2 * Scrapes.INTERVAL && at < held.to()) {
          sums.merge(edge(held.client(), held.server()), 1.0, Double::sum);
        }
      }
    }
    return series(sums, end);
  }

  List<Series> buckets(long from, long to, long step) {
    Map<Map<String, String>, TreeMap<Double, Double>> samples = new HashMap<>();
    for (Workload.Life life : world.ztunnel.lives()) {
      counters(
          life,
          (edge, counter) -> {
            long last = Math.min(to, world.now());
            if (took(life, counter, from - step, last) == 0) {
              return;
            }
            long before = counted(life, counter, from - step);
            for (long at = from; at <= to; at += step) {
              long count = counted(life, counter, at);
              if (before < count) {
                double second = World.START.getEpochSecond() + at;
                samples.computeIfAbsent(edge.get(), e -> new TreeMap<>()).put(second, 1.0);
              }
              before = count;
            }
          });
    }
    List<Series> found = new ArrayList<>();
    samples.forEach(
        (edge, times) ->
            found.add(
                new Series(edge, times.keySet().stream().map(at -> new Sample(at, 1)).toList())));
    return found;
  }

  private long counted(Workload.Life life, LongUnaryOperator counter, long at) {
    long scraped = world.scrapes.scraped(Ztunnel.id(life.node()), life, Math.min(at, world.now()));
    return scraped == Scrapes.NEVER ? 0 : counter.applyAsLong(scraped);
  }

  List<Series> measured(List<Series> sidecars, long end) {
    Map<String, Workload> servers = new TreeMap<>();
    for (Workload.Life life : world.ztunnel.lives()) {
      long at = metrics.present(own(life), life, end);
      for (Calls.Flow flow : ambient()) {
        Workload server = world.cluster.workload(flow.server);
        if (server != null
            && at > Scrapes.NEVER
            && served(flow, life, true, at) + served(flow, life, false, at) > 0) {
          servers.put(server.id(), server);
        }
      }
    }
    List<Series> found = new ArrayList<>(sidecars);
    servers.values().forEach(s -> found.addAll(Metrics.one(Metrics.server(s), 1, end)));
    return found;
  }

  private double took(Workload.Life life, LongUnaryOperator counter, long begin, long end) {
    return metrics.took(own(life), life, counter, begin, end, begin);
  }

  private static Map<String, String> edge(String client, String server) {
    Map<String, String> labels = new HashMap<>();
    String[] to = server.split("/");
    String[] from =
        client.startsWith("outside") ? new String[] {"unknown", "unknown"} : client.split("/");
    labels.put("destination_workload_namespace", to[0]);
    labels.put("destination_workload", to[1]);
    labels.put("source_workload_namespace", from[0]);
    labels.put("source_workload", from[1]);
    labels.put("namespace", Cluster.ROOT);
    return labels;
  }

  private static List<Series> series(Map<Map<String, String>, Double> sums, long end) {
    List<Series> found = new ArrayList<>();
    sums.forEach((labels, count) -> found.addAll(Metrics.one(labels, count, end)));
    return found;
  }
}
