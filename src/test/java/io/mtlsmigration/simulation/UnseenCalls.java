// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.testing.Draw;

/**
 * Histories of one server, which somebody calls in plaintext while it is not scraped, and of which
 * a pod ends then: late in a window that has held so far, or in a dry run. They run several times
 * as fast as others, and find what nobody has seen to its end far more often.
 */
final class UnseenCalls extends SmallHistory {

  private static final String SERVER = "foo/httpbin";

  private final boolean ambient;
  private final int shards;

  /** Since when the server is not scraped, counted from when that is said to begin. */
  private final int hole;

  private final int length;
  private final int called;
  private final int ended;

  UnseenCalls(Draw draw) {
    super(draw);
    ambient = draw.percent(20);
    shards = draw.of(1, 2, 2, 3);
    hole = draw.between(0, 600);
    length =
        draw.of(
            draw.between(30, 700),
            draw.between(100, 500),
            draw.between(150, 9000),
            draw.between(9000, 80_000));
    called = hole + draw.between(1, length);
    ended = called + draw.of(draw.between(20, 120), draw.between(20, 300), draw.between(1, length));
  }

  @Override
  void happens() {
    mesh();
    if (!ambient && draw.coin()) {
      dryRun();
    } else {
      window();
    }
  }

  /** The clients with a proxy are many, so that each Prometheus of several scrapes one. */
  private void mesh() {
    if (draw.percent(65)) {
      at(0, "sticky");
    }
    at(0, "namespace istio-system");
    at(0, "namespace legacy");
    at(0, "workload legacy/curl none 1");
    at(0, "namespace foo" + (ambient ? " ambient" : ""));
    at(0, "workload " + SERVER + (ambient ? " ambient " : " sidecar ") + draw.between(1, 3));
    at(0, "namespace bar");
    at(0, "workload bar/curl sidecar 12");
    if (ambient) {
      at(0, "workload " + Ztunnel.ID + " none 1");
      at(0, "workload foo/curl ambient 1");
    }
    if (shards > 1) {
      at(0, "prometheus-shards " + shards);
    }
    at(600, "calls bar/curl " + SERVER + " 60");
    at(draw.between(3600, 9000), "restart " + SERVER);
  }

  private String hole() {
    boolean shard = shards > 1 && draw.percent(75);
    return "hole "
        + (shard ? "shard" + draw.below(shards) : draw.of("*", ambient ? Ztunnel.ID : SERVER));
  }

  private String end() {
    return draw.of(
        "evict " + SERVER,
        "restart " + SERVER,
        "scale " + SERVER + " 1",
        ambient ? "restart " + Ztunnel.ID : "reboot " + SERVER);
  }

  /** When another process begins to lead. */
  private int led() {
    int back = hole + length;
    return draw.of(
        ended + 5, ended + 200, ended + 400, back - 5, back + 1, back + 30, back + 65, back + 400);
  }

  /** Somebody calls until the gate is about to hold. */
  private void window() {
    long begin = 3 * Happening.DAY;
    int window = draw.of(3600, 7200, 43_200);
    at(600, "calls outside " + SERVER + " 300");
    int quiet = quiet(draw, window, length);
    at(Math.max(700, begin + hole - quiet), "quiet outside " + SERVER);
    at(begin + hole, hole());
    at(begin + called, "calls legacy/curl " + SERVER + " 20");
    at(begin + called + draw.of(25, 45, 200), "quiet legacy/curl " + SERVER);
    at(begin + ended, end());
    at(begin + hole + length + draw.of(0, 0, 9000, 90_000), "heal");
    int led = led();
    if (draw.percent(60)) {
      at(begin + led, "lead r2");
    }
    long plan = begin + draw.of(-86_400, -86_400, led - 100, led + 100);
    at(plan, "plan p1 foo window=" + window + " soak=60 adopt");
    at(plan + 10, "start p1");
  }

  /** For how long nobody has called when it begins: the gate is about to hold, or holds soon. */
  static int quiet(Draw draw, int window, int length) {
    return draw.of(
        draw.between(5, 300),
        window + draw.between(0, 3500),
        window + 3600 - draw.between(0, length));
  }

  /** A person lets plaintext pass, so that the dry run alone tells of it. */
  private void dryRun() {
    at(90_000, "plan p1 foo window=3600 soak=60 adopt audit=" + draw.of(600, 3600, 7200));
    at(90_010, "start p1");
    when("on:OBSERVING+" + draw.between(0, 60), "override p1 foo plaintext");
    String client = draw.of("legacy/curl ", "outside ") + SERVER;
    audited(hole, hole());
    audited(called, "calls " + client + " 20");
    audited(called + draw.of(25, 45, 90), "quiet " + client);
    audited(ended, end());
    if (draw.percent(80)) {
      audited(hole + length, "heal");
    }
    if (draw.percent(40)) {
      audited(led(), "lead r2");
    }
  }

  private void audited(int after, String what) {
    when("on:foo:AUDITING+" + Math.max(0, after), what);
  }
}
