// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.testing.Draw;

/**
 * Histories of one server whose access log alone tells of a call: to a port that is not excepted,
 * while a gate looks back over it, or one that a lock has refused. The line is gone before anybody
 * reads it, with its file, its container or its pod, or while nobody can read or another process
 * begins to.
 */
final class Lines extends SmallHistory {

  private static final String SERVER = "foo/httpbin";
  private static final long BEGIN = Happening.DAY;

  private final boolean ambient;

  /** Lines of callers decide of the gate; otherwise those of refusals do of the lock. */
  private final boolean callers;

  Lines(Draw draw) {
    super(draw);
    ambient = draw.percent(20);
    callers = !ambient && draw.percent(40);
  }

  @Override
  void happens() {
    mesh();
    for (int i = draw.of(1, 1, 2, 3); i > 0; i--) {
      line();
    }
    ends(BEGIN);
  }

  private void mesh() {
    at(0, "logs " + (callers ? "read" : "refused"));
    at(0, "namespace istio-system");
    at(0, "namespace legacy");
    at(0, "namespace foo" + (ambient ? " ambient" : ""));
    at(0, "workload " + Ztunnel.ID + " none 1");
    at(0, "workload legacy/curl none 1");
    String plane = ambient ? " ambient " : " sidecar ";
    at(0, "workload foo/curl" + plane + "1");
    at(0, "workload " + SERVER + plane + draw.between(1, 3) + " 9090");
    at(600, "calls foo/curl " + SERVER + " 60");
    if (callers) {
      at(700, "calls legacy/curl " + SERVER + ":9090 " + draw.of(20, 60, 600));
    }
    at(
        BEGIN,
        "plan p1 foo window=3600 soak=60 adopt"
            + (callers ? " except=" + SERVER + ":9090" : draw.of("", " except=" + SERVER + ":9090"))
            + draw.of("", "", " hold")
            + draw.of("", "", " approval=NAMESPACE"));
    at(BEGIN + 10, "start p1");
    when("on:AWAITING_APPROVAL+" + draw.of(5, draw.between(5, 4000)), "approve p1 foo");
    if (draw.percent(20)) {
      when("on:LOCKED+" + draw.between(10, 9000), "step p1 foo rollback");
      when("on:ROLLED_BACK+" + draw.between(10, 900), "step p1 foo retry");
    }
  }

  private void line() {
    String phase =
        callers
            ? draw.of("OBSERVING", "OBSERVING", "AWAITING_APPROVAL", "READY")
            : draw.of("LOCKING", "VERIFYING", "VERIFYING", "VERIFYING");
    String when = "on:foo:" + phase + "+";
    int called = draw.of(draw.between(1, 60), draw.between(1, 320), callers ? 1800 : 1);
    String client = draw.of("outside", "legacy/curl", callers ? Logs.ODD : "outside");
    when(when + called, "calls " + client + " " + SERVER + " 2000000");
    int gone = called + draw.of(1, 1, 1, draw.between(1, 19), draw.between(1, 120));
    for (int i = draw.of(1, 1, 2); i > 0; i--) {
      when(when + gone, gone());
      gone += draw.of(0, 1, draw.between(1, 30));
    }
    if (draw.percent(40)) {
      when(when + Math.max(0, called - draw.between(0, 60)), unread());
      when(when + (gone + draw.between(1, 400)), "heal");
    }
    if (draw.percent(40)) {
      int process = Math.max(0, called + draw.between(-10, 60));
      when(
          when + process, draw.of("lead r2", "lead r2", "lead r3", "clock r1 -30", "clock r1 600"));
    }
  }

  private String gone() {
    return draw.of(
        "rotate " + SERVER,
        "rotate " + SERVER,
        draw.of("restart ", "evict ") + SERVER,
        "reboot " + SERVER,
        "scale " + SERVER + " " + draw.between(1, 4),
        ambient ? "restart " + Ztunnel.ID : "reboot " + SERVER);
  }

  /** Nobody can read, or reads of pods that were. */
  private String unread() {
    return draw.of(
        "logs-down",
        "logs-down",
        "mute " + SERVER,
        "watch r1 pods " + draw.of(12, 60, 300),
        "watch r1 hang",
        "api-down 300",
        "prometheus-down");
  }
}
