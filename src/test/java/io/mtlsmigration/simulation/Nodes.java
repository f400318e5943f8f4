// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.testing.Draw;
import java.util.List;

/**
 * Histories of one ambient server whose pods are spread over nodes, each with a ztunnel of its own:
 * of these some are not scraped while somebody calls in plaintext, or holds a connection, and end,
 * are replaced, or go with their node and the pods on it. As {@link UnseenCalls} they are small.
 */
final class Nodes extends SmallHistory {

  private static final String SERVER = "foo/httpbin";
  private static final List<String> NAMES =
      List.of(Cluster.NODE, Cluster.NODE + "-b", Cluster.NODE + "-c");

  private final List<String> nodes;

  /** For how long something is not scraped. */
  private final int length;

  private final int called;

  Nodes(Draw draw) {
    super(draw);
    nodes = NAMES.subList(0, draw.of(2, 2, 3));
    length = draw.of(draw.between(30, 700), draw.between(150, 3000), draw.between(3000, 80_000));
    called = draw.between(1, length);
  }

  @Override
  void happens() {
    mesh();
    long begin = 2 * Happening.DAY + draw.between(0, 120);
    int window = draw.of(3600, 7200, 43_200);
    plaintext(begin, window);
    int shards = draw.of(1, 1, 2);
    if (shards > 1) {
      at(0, "prometheus-shards 2");
    }
    for (int i = draw.of(1, 1, 2); i > 0; i--) {
      String shard = "shard" + draw.below(2);
      at(
          begin + draw.of(0, 0, draw.between(0, length)),
          "hole " + (shards > 1 && draw.coin() ? shard : draw.of(ztunnel(), ztunnel(), "*")));
    }
    int end =
        Math.max(
            0,
            called
                + draw.of(
                    draw.between(20, 300),
                    draw.between(20, 600),
                    -draw.below(600),
                    draw.below(length)));
    for (int i = draw.of(1, 2, 2, 3); i > 0; i--) {
      at(begin + end, end());
      end += draw.of(0, draw.between(0, 30), draw.between(0, 400), draw.between(0, 4000));
    }
    int back =
        Math.max(length, draw.of(0, length + draw.between(0, 9000), end + draw.between(0, 300)));
    at(begin + back, "heal");
    int led = draw.of(end + 5, end + draw.between(0, 600), back - 5, back + draw.between(1, 400));
    if (draw.coin()) {
      at(begin + led, "lead r2");
    }
    long plan = begin + draw.of(-86_400, -86_400, led - 100, led + 100);
    at(plan, "plan p1 foo window=" + window + " soak=60 adopt");
    at(plan + 10, "start p1");
    at(begin + Math.max(back, end) + 3 * Happening.DAY, "close");
  }

  private void mesh() {
    if (draw.percent(65)) {
      at(0, "sticky");
    }
    nodes.subList(1, nodes.size()).forEach(node -> at(draw.of(0, 0, 0, 200_000), "node " + node));
    at(0, "namespace istio-system");
    at(0, "namespace legacy");
    at(0, "namespace foo ambient");
    nodes.forEach(node -> at(0, "workload " + Ztunnel.id(node) + " none 1"));
    at(0, "workload legacy/curl none 1");
    at(0, "workload foo/curl ambient 1");
    at(0, "workload " + SERVER + " ambient " + draw.between(1, 4));
    at(600, "calls foo/curl " + SERVER + " 60");
    at(draw.between(3600, 9000), "restart " + SERVER);
  }

  /** Somebody calls until the gate is about to hold, and once more, or holds a connection. */
  private void plaintext(long begin, int window) {
    at(600, "calls outside " + SERVER + " 300");
    int quiet = UnseenCalls.quiet(draw, window, length);
    at(Math.max(700, begin - quiet), "quiet outside " + SERVER);
    String pair = " legacy/curl " + SERVER;
    boolean holds = draw.percent(20);
    at(begin + called, holds ? "holds" + pair : "calls" + pair + " 20");
    at(
        begin + called + draw.of(25, 45, draw.between(25, 400)),
        (holds ? "lets-go" : "quiet") + pair);
  }

  private String ztunnel() {
    return Ztunnel.id(draw.of(nodes));
  }

  private String end() {
    return draw.of(
        "drain " + draw.of(nodes),
        "drain " + draw.of(nodes),
        "surge " + ztunnel() + " " + draw.of(5, 60, draw.between(30, 900)),
        draw.of("restart ", "restart ", "reboot ") + ztunnel(),
        draw.of("evict ", "restart ") + SERVER,
        "scale " + SERVER + " " + draw.between(1, 3));
  }
}
