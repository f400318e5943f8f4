// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.testing.Draw;
import java.util.List;

/**
 * Happenings that belong together: what drawn alone would meet by chance once in ten thousand
 * histories. Each scene is a kind of trouble, and leaves its time and its people to chance.
 */
final class Scenes {

  private final Draw draw;
  private final List<String> plans;
  private final List<String> namespaces;
  private final List<String> workloads;
  private final List<Happening> into;

  Scenes(
      Draw draw,
      List<String> plans,
      List<String> namespaces,
      List<String> workloads,
      List<Happening> into) {
    this.draw = draw;
    this.plans = plans;
    this.namespaces = namespaces;
    this.workloads = workloads;
    this.into = into;
  }

  private void at(long second, String what) {
    into.add(Happening.of(second, what));
  }

  private void when(String when, String what) {
    into.add(Happening.of(0, when, what));
  }

  void add() {
    String plan = draw.of(plans);
    String namespace = draw.of(namespaces);
    long later = draw.between(Happening.DAY, 20 * Happening.DAY);
    switch (draw.between(0, 13)) {
      case 0 -> undoneBehindAWatch(plan, namespace);
      case 1 -> {
        at(later, "delete-namespace " + namespace);
        at(later + draw.between(1, 9000), draw.of("rollback ", "cleanup ") + plan);
      }
      case 2 -> stuckInLocking(plan, namespace);
      case 3 -> disabledMesh(plan, later);
      case 4 -> {
        at(0, "policy " + namespace + " default " + draw.of("DISABLE", "STRICT"));
        at(draw.between(100, 90_000), "except " + plan + " " + namespace + "/httpbin");
        at(later, draw.of("rollback ", "cleanup ") + plan);
      }
      case 5 -> {
        at(draw.between(100L, later), "step " + plan + " " + namespace + " exempt");
        at(later, draw.of("rollback " + plan, "cleanup " + plan, "abort " + plan));
      }
      case 6 -> scaledToZero(later);
      case 7 -> {
        when("@w" + draw.between(0, 5), "kill");
        when("on:LOCKING+" + draw.between(0, 19), "policy " + namespace + " default STRICT");
      }
      case 8 -> madeAnew(plan, namespace, later);
      case 9 -> {
        when(
            "on:" + draw.of("LOCKED", "VERIFYING") + "+" + draw.between(0, 600),
            "step " + plan + " " + namespace + " exempt");
        when("on:EXEMPT+" + draw.between(0, 30), "abort " + plan);
      }
      case 10 -> {
        at(draw.between(100L, later), "step " + plan + " " + namespace + " exempt");
        at(later, "policy " + namespace + " default STRICT");
        at(later + 600, "policy " + namespace + " default STRICT");
      }
      case 11 -> at(20 * Happening.DAY, "rollback p1");
      case 12 -> drifted(plan, namespace, later);
      default -> weekly(later);
    }
  }

  private void undoneBehindAWatch(String plan, String namespace) {
    int behind = draw.of(12, 20, 30, 120);
    at(0, "watch r1 " + behind);
    String when =
        "on:" + draw.of("LOCKING", "VERIFYING", "ROLLING_BACK") + "+" + draw.between(0, 2 * behind);
    when(
        when,
        draw.of(
            "rollback " + plan, "step " + plan + " " + namespace + " rollback", "abort " + plan));
  }

  private void stuckInLocking(String plan, String namespace) {
    at(60, draw.of("stuck ", "stuck ") + namespace + "/httpbin");
    when(
        "on:LOCKING+" + draw.between(1, 900),
        draw.of("abort " + plan, "pause " + plan, "unpolicy " + namespace + " default"));
    when(
        "on:LOCKING+" + draw.between(1, 900),
        draw.of(
            "unpolicy " + namespace + " default", "policy " + namespace + " default PERMISSIVE"));
  }

  private void disabledMesh(String plan, long later) {
    at(0, "policy istio-system default DISABLE");
    at(later, "policy istio-system default " + draw.of("STRICT", "PERMISSIVE"));
    at(later + draw.between(0, 600), draw.of("rollback ", "cleanup ") + plan);
  }

  private void scaledToZero(long later) {
    String workload = draw.of(workloads);
    at(draw.of(0L, draw.between(0L, 3 * Happening.DAY)), "scale " + workload + " 0");
    at(later, "scale " + workload + " 1");
  }

  private void madeAnew(String plan, String namespace, long later) {
    String when =
        draw.of(
            "",
            "on:LOCKED+" + draw.between(0, 3000),
            "on:AWAITING_APPROVAL+" + draw.between(0, 3000));
    List<String> all =
        List.of(
            "override " + plan + " " + namespace + " plaintext,probes,capture",
            "delete-namespace " + namespace,
            "namespace " + namespace,
            "workload " + namespace + "/curl sidecar 1",
            "workload " + namespace + "/httpbin sidecar 1");
    for (int i = 0; i < all.size(); i++) {
      if (when.isEmpty()) {
        at(later + i * 7L, all.get(i));
      } else {
        String base = when.substring(0, when.indexOf('+') + 1);
        long delay = Long.parseLong(when.substring(when.indexOf('+') + 1));
        when(base + (delay + i * 7L), all.get(i));
      }
    }
  }

  private void drifted(String plan, String namespace, long later) {
    at(
        draw.between(100L, later),
        "override " + plan + " " + namespace + " " + draw.of("plaintext", "probes", "capture"));
    at(later, draw.of("unpolicy ", "policy ") + namespace + " default PERMISSIVE");
    at(later + draw.between(10, 3000), "step " + plan + " " + namespace + " retry");
    at(later + draw.of(4000L, Happening.DAY), "approve " + plan + " " + namespace);
  }

  /** A client that nobody hears of for days. */
  private void weekly(long later) {
    String workload = draw.of(workloads);
    at(
        draw.between(0L, Happening.DAY),
        "calls legacy/curl "
            + workload
            + " "
            + draw.of(100_000L, 3 * Happening.DAY, 6 * Happening.DAY));
    at(later, draw.of("restart ", "restart ") + workload);
    if (draw.coin()) {
      at(draw.between(0L, later), "inject " + workload + " none");
      at(later, "inject " + workload + " sidecar");
    }
  }
}
