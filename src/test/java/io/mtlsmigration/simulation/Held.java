// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.testing.Draw;

/**
 * Histories of one server to which somebody holds a connection in plaintext, which counts once and
 * stays: it begins or ends about when a gate looks, and its pod, its reader or the way to it goes
 * then.
 */
final class Held extends SmallHistory {

  private static final String SERVER = "foo/httpbin";
  private static final String PAIR = "legacy/curl " + SERVER;
  private static final long BEGIN = Happening.DAY;

  private final boolean approved;

  Held(Draw draw) {
    super(draw);
    approved = draw.percent(60);
  }

  @Override
  void happens() {
    mesh();
    for (int i = draw.of(1, 1, 2); i > 0; i--) {
      stream();
    }
    ends(BEGIN);
  }

  private void mesh() {
    at(0, "namespace istio-system");
    at(0, "namespace legacy");
    at(0, "namespace foo");
    at(0, "workload legacy/curl none " + draw.between(1, 2));
    at(0, "workload foo/curl sidecar 1");
    at(0, "workload " + SERVER + " sidecar " + draw.between(1, 3));
    at(600, "calls foo/curl " + SERVER + " 60");
    at(
        BEGIN,
        "plan p1 foo window="
            + draw.of(3600, 3600, 7200)
            + " soak="
            + draw.of(60, 60, 600)
            + " adopt"
            + draw.of("", "", " hold")
            + (approved ? " approval=NAMESPACE" : ""));
    at(BEGIN + 10, "start p1");
    if (draw.percent(10)) {
      at(draw.of(0L, BEGIN, BEGIN + draw.between(0, 900)), "unlisted " + SERVER);
    }
  }

  private void stream() {
    String phase =
        draw.of("OBSERVING", approved ? "AWAITING_APPROVAL" : "OBSERVING", "READY", "LOCKING");
    String when = "on:foo:" + phase + "+";
    int begin = draw.of(draw.between(0, 60), draw.between(0, 400), draw.between(0, 4000));
    int end =
        begin + draw.of(1, draw.between(1, 60), draw.between(60, 400), draw.between(300, 90_000));
    if (draw.percent(30)) {
      at(BEGIN - draw.of(5, 300, draw.between(0, 9000)), "streams " + PAIR);
    } else {
      when(when + begin, "streams " + PAIR);
    }
    when(when + end, "ends " + PAIR);
    if (draw.percent(30)) {
      when(when + (end + draw.of(0, 1, 20, 600)), "streams " + PAIR);
    }
    for (int i = draw.of(1, 2, 2, 3); i > 0; i--) {
      int near = Math.max(0, draw.of(begin, begin, end) + draw.between(-60, 90));
      disturbed(when, near, Math.max(near, end) + draw.between(-20, 600));
    }
    when("on:foo:AWAITING_APPROVAL+" + draw.of(5, begin + 2, end, end + 400), "approve p1 foo");
  }

  private void disturbed(String when, int from, int to) {
    switch (draw.between(0, 5)) {
      case 0, 1 -> {
        when(when + from, draw.of("logs-down", "logs-down", "api-down 300", "hole " + SERVER));
        when(when + Math.max(from, to), "heal");
      }
      case 2 -> {
        when(when + from, "pause p1");
        when(when + Math.max(from, to - draw.of(0, 1, 10)), "resume p1");
      }
      case 3 -> when(when + from, draw.of("lead r2", "lead r3", "clock r1 -30", "clock r1 600"));
      case 4 -> {
        when(when + from, "watch r1 " + draw.of("pods 12", "pods 60", "pods 300", "hang", "30"));
        when(when + Math.max(from, to), "heal");
      }
      default ->
          when(
              when + from,
              draw.of(
                  "restart " + SERVER,
                  "evict " + SERVER,
                  "reboot " + SERVER,
                  "scale " + SERVER + " " + draw.between(1, 4),
                  "restart legacy/curl"));
    }
  }
}
