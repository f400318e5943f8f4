// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.testing.Draw;

/**
 * Histories of one namespace, or two, that are locked at once, and in which a person changes,
 * deletes or makes anew what is locked, or asks for something else, at some effect or second of the
 * lock or of its undo, beside a process that dies or a store whose answer is lost. Small, as {@link
 * UnseenCalls}.
 */
final class Moments extends SmallHistory {

  private static final long BEGIN = Happening.DAY;
  private static final long UNDO = BEGIN + 7200;

  /** People apply what is asked for, by themselves. */
  private final boolean manifest;

  Moments(Draw draw, boolean manifest) {
    super(draw);
    this.manifest = manifest;
  }

  @Override
  void happens() {
    mesh();
    for (int i = manifest ? draw.of(1, 2, 2, 3) : 0; i > 0; i--) {
      merged();
    }
    for (int i = draw.of(1, 1, 2, 3); i > 0; i--) {
      moment(draw.percent(manifest ? 50 : 70) ? edit() : ask());
    }
    for (int i = draw.of(0, 1, 1, 2); i > 0; i--) {
      moment(trouble());
    }
    if (draw.coin()) {
      at(UNDO, draw.of("rollback p1", "step p1 foo rollback", "abort p1", "cleanup p1"));
    }
    if (draw.percent(30)) {
      at(UNDO + 7200, draw.of("step p1 foo retry", "resume p1", "start p1", "rollback p1"));
    }
    at(2 * Happening.DAY, "heal");
    at(2 * Happening.DAY, "touch");
    at(5 * Happening.DAY, "close");
  }

  private void mesh() {
    String plane = draw.percent(25) ? "ambient" : "sidecar";
    at(0, "namespace istio-system");
    at(0, "namespace foo" + (plane.equals("ambient") ? " ambient" : ""));
    at(0, "workload " + Ztunnel.ID + " none 1");
    at(0, "workload foo/curl " + plane + " 1");
    at(0, "workload foo/httpbin " + plane + " " + draw.between(1, 2) + draw.of("", " 9090"));
    at(0, "calls foo/curl foo/httpbin 60");
    if (draw.percent(50)) {
      at(10, policy());
    }
    if (draw.percent(20)) {
      at(10, "policy istio-system default " + draw.of("PERMISSIVE", "DISABLE", "STRICT"));
    }
    boolean mesh = draw.percent(20);
    boolean goesOn = manifest && !mesh && draw.coin();
    if (goesOn) {
      // Never locked, so that the plan does not end, and takes commands for what is.
      at(0, "namespace zoo");
      at(0, "workload zoo/curl none 1");
      at(0, "workload zoo/httpbin sidecar 1");
      at(0, "calls zoo/curl zoo/httpbin 60");
    }
    at(
        BEGIN,
        "plan p1 "
            + (mesh ? "mesh" : goesOn ? "foo,zoo" : "foo")
            + " window=3600 soak=60"
            + draw.of("", " adopt", " adopt")
            + draw.of("", "", " hold")
            + draw.of("", "", "", " approval=NAMESPACE")
            + draw.of("", "", "", " audit=600")
            + draw.of("", "", " except=foo/httpbin", " except=foo/httpbin:9090")
            + (manifest ? " manifest" : ""));
    at(BEGIN + 10, "start p1");
    if (draw.coin()) {
      when("on:AWAITING_APPROVAL+" + draw.between(0, 60), "approve p1 foo");
    }
  }

  /** In parts, at any time, and perhaps taken back. */
  private void merged() {
    String phase =
        draw.of("OBSERVING", "READY", "LOCKING", "LOCKING", "LOCKING", "VERIFYING", "DRIFTED");
    phase = draw.percent(70) ? phase : draw.of("ROLLING_BACK", "ROLLED_BACK", "EXEMPT", "BLOCKED");
    String when = "on:foo:" + phase + "+";
    int begin = draw.of(draw.between(0, 30), draw.between(0, 900), draw.between(0, 20_000));
    String ports = "policy foo ports UNSET app=httpbin 9090=";
    if (draw.percent(85)) {
      when(when + begin, "policy foo default STRICT");
    }
    if (draw.percent(50)) {
      when(when + (begin + draw.of(0, 0, draw.between(0, 900))), ports + "PERMISSIVE");
    }
    if (draw.percent(50)) {
      String back = draw.of("unpolicy foo default", "policy foo default PERMISSIVE");
      String undo = draw.of(when, "on:foo:ROLLING_BACK+");
      when(undo + (begin + draw.of(draw.between(1, 90), draw.between(0, 20_000))), back);
      if (draw.coin()) {
        when(undo + (begin + draw.between(1, 900)), "unpolicy foo ports");
      }
    }
  }

  /** At some effect of the lock, of the undo, or of what comes later, or a few seconds later. */
  private void moment(String what) {
    boolean effect = what.equals("kill") || what.startsWith("stop ");
    if (draw.coin() || effect) {
      long armed = draw.of(BEGIN + 20, BEGIN + 20, UNDO - 1);
      when(armed, effect(), what);
      return;
    }
    String phase =
        draw.of(
            "READY",
            "LOCKING",
            "LOCKING",
            "VERIFYING",
            "VERIFYING",
            "LOCKED",
            "ROLLING_BACK",
            "ROLLED_BACK",
            "DRIFTED",
            "EXEMPT");
    int later = draw.of(0, 1, draw.between(0, 10), draw.between(0, 60), draw.between(0, 900));
    when("on:" + phase + "+" + later, what);
  }

  private String policy() {
    return draw.of(
        "policy foo default " + draw.of("STRICT", "PERMISSIVE", "DISABLE", "UNSET"),
        "policy foo default " + draw.of("STRICT", "PERMISSIVE", "DISABLE"),
        "policy foo own " + draw.of("STRICT", "PERMISSIVE", "DISABLE") + " app=httpbin",
        "policy foo own "
            + draw.of("UNSET", "STRICT", "PERMISSIVE")
            + " app=httpbin 9090="
            + draw.of("STRICT", "PERMISSIVE", "DISABLE"));
  }

  private String edit() {
    return draw.of(
        policy(),
        policy(),
        "unpolicy foo " + draw.of("default", "default", "own"),
        "policy istio-system default " + draw.of("STRICT", "PERMISSIVE", "DISABLE"),
        draw.of("delete-namespace foo", "terminate foo", "unpolicy istio-system default"),
        "namespace foo");
  }

  private String ask() {
    if (manifest && draw.coin()) {
      return "step p1 foo " + draw.of("exempt", "exempt", "skip", "rollback");
    }
    return draw.of(
        draw.of("rollback p1", "abort p1", "cleanup p1", "pause p1", "resume p1", "delete p1"),
        "step p1 foo " + draw.of("rollback", "exempt", "retry"),
        draw.of("end p1 foo/httpbin", "except p1 foo/httpbin", "except p1 foo/httpbin:9090"),
        "window p1 7200 300");
  }

  private String trouble() {
    return draw.of(
        death(),
        "lead r" + draw.between(1, 3),
        draw.of("lose-answer", "lose-request", "conflict", "webhook-refuses 300", "read-only 600"),
        draw.of("ledger-lose-answer", "ledger-lose-request", "ledger-conflict"),
        "watch r" + draw.between(1, 3) + draw.of(" 12", " 60", " hang", " policies 30", " pods 30"),
        draw.of("slow foo/httpbin 60", "stuck foo/httpbin", "hole *"));
  }
}
