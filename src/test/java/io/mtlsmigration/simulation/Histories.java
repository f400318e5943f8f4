// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.testing.Draw;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** Draws a history from a seed: a small mesh, plans for it, and all that comes in between. */
final class Histories {

  private static final List<String> NAMES = List.of("foo", "bar", "baz", "qux");

  private static final List<String> PHASES =
      List.of(
          "OBSERVING",
          "READY",
          "AWAITING_APPROVAL",
          "LOCKING",
          "VERIFYING",
          "LOCKED",
          "ROLLING_BACK",
          "ROLLED_BACK",
          "DRIFTED",
          "EXEMPT",
          "COMPLETED",
          "BLOCKED");

  private final Draw draw;
  private final List<Happening> all = new ArrayList<>();
  private final List<String> namespaces = new ArrayList<>();
  private final List<String> workloads = new ArrayList<>();
  private final List<String> plans = new ArrayList<>();

  private Histories(long seed) {
    draw = new Draw(seed);
  }

  static List<Happening> of(long seed) {
    List<Happening> small = small(seed, "unseen", 20, UnseenCalls::new);
    small = small.isEmpty() ? small(seed, "nodes", 5, Nodes::new) : small;
    small = small.isEmpty() ? small(seed, "moments", 5, draw -> new Moments(draw, false)) : small;
    small = small.isEmpty() ? small(seed, "manifests", 5, draw -> new Moments(draw, true)) : small;
    small = small.isEmpty() ? small(seed, "lines", 5, Lines::new) : small;
    small = small.isEmpty() ? small(seed, "held", 5, Held::new) : small;
    small = small.isEmpty() ? small(seed, "vacancies", 3, Vacancies::new) : small;
    return small.isEmpty()
        ? Troubles.over(seed, Ambience.over(seed, new Histories(seed).history()))
        : small;
  }

  /**
   * Returns nothing when the seed draws another kind. {@code -Dsimulation.trouble=KIND}: all
   * histories are of it.
   */
  private static List<Happening> small(
      long seed, String kind, int percent, Function<Draw, SmallHistory> history) {
    String only = System.getProperty("simulation.trouble", "");
    // Each kind draws by itself.
    Draw draw = new Draw(seed ^ new BigInteger(kind.getBytes(StandardCharsets.UTF_8)).longValue());
    boolean drawn = draw.percent(percent) && only.isEmpty();
    return drawn || only.equals(kind) ? history.apply(draw).history() : List.of();
  }

  private List<Happening> history() {
    mesh();
    plans();
    Scenes scenes = new Scenes(draw, plans, namespaces, workloads, all);
    for (int i = draw.between(0, 3); i > 0; i--) {
      scenes.add();
    }
    for (int i = draw.between(0, 20); i > 0; i--) {
      disturb();
    }
    all.sort(Comparator.comparingLong(Happening::at));
    // What waited for a write of the way back may have come after the first day.
    for (long day = 22; day <= 23; day++) {
      all.add(Happening.of(day * Happening.DAY, "heal"));
      all.add(Happening.of(day * Happening.DAY, "touch"));
    }
    return all;
  }

  private void at(long second, String what) {
    all.add(Happening.of(second, what));
  }

  private void mesh() {
    at(0, "namespace istio-system");
    at(0, "namespace legacy");
    at(0, "workload legacy/curl none 1");
    if (draw.coin()) {
      at(0, "sticky");
    }
    int count = draw.between(2, NAMES.size());
    for (String name : NAMES.subList(0, count)) {
      namespaces.add(name);
      at(0, "namespace " + name);
      at(0, "workload " + name + "/curl sidecar 1");
      serve(name + "/httpbin");
      if (draw.percent(30)) {
        serve(name + "/api");
      }
      if (draw.percent(25)) {
        at(
            0,
            "policy "
                + name
                + " default "
                + draw.of("DISABLE", "PERMISSIVE", "PERMISSIVE", "STRICT"));
      }
    }
    if (draw.percent(20)) {
      at(0, "policy istio-system default " + draw.of("DISABLE", "PERMISSIVE", "STRICT"));
    }
    for (String server : workloads) {
      if (draw.percent(92)) {
        at(draw.between(0, 60), "calls " + draw.of(namespaces) + "/curl " + server + " 60");
      }
      if (draw.percent(50)) {
        legacy(server);
      }
    }
  }

  private void serve(String workload) {
    workloads.add(workload);
    at(
        0,
        "workload "
            + workload
            + " "
            + (draw.percent(92) ? "sidecar " : "none ")
            + draw.between(1, 2));
  }

  private void legacy(String server) {
    String client = draw.of("legacy/curl", "legacy/curl", "outside");
    long period = draw.of(60L, 600L, 3600L, 43_200L, Happening.DAY, 7 * Happening.DAY);
    long begin = draw.of(draw.between(0L, 3600L), draw.between(0L, 20 * Happening.DAY));
    at(begin, "calls " + client + " " + server + " " + period);
    if (draw.percent(60)) {
      at(
          begin + draw.of(period / 2, draw.between(60L, 8 * Happening.DAY)),
          "quiet " + client + " " + server);
    }
  }

  private void plans() {
    plan("p1", draw.between(60L, Happening.DAY));
    if (draw.percent(30)) {
      plan("p2", draw.between(Happening.DAY, 12 * Happening.DAY));
    }
  }

  private void plan(String name, long at) {
    plans.add(name);
    StringBuilder plan = new StringBuilder("plan " + name + " ");
    boolean mesh = draw.percent(40);
    int some = draw.between(1, namespaces.size());
    plan.append(mesh ? "mesh" : String.join(",", namespaces.subList(0, some)));
    plan.append(" window=").append(draw.of(3600, 7200, 86_400, 604_800));
    plan.append(" soak=").append(draw.of(60, 600, 1800));
    boolean approval = draw.percent(25);
    plan.append(approval ? " approval=NAMESPACE" : "");
    plan.append(draw.percent(20) ? " hold" : "");
    plan.append(draw.percent(40) ? " adopt" : "");
    plan.append(draw.percent(8) ? " manifest" : "");
    plan.append(draw.percent(10) ? " unprobed" : "");
    plan.append(draw.percent(15) ? " except=" + draw.of(workloads) : "");
    at(at, plan.toString());
    at(at + draw.between(5, 600), "start " + name);
    if (approval) {
      for (String namespace : namespaces) {
        for (int i = draw.between(0, 2); i > 0; i--) {
          all.add(
              Happening.of(
                  at,
                  "on:AWAITING_APPROVAL+" + draw.between(1, 900),
                  "approve " + name + " " + namespace));
        }
      }
      all.add(Happening.of(at, "on:AWAITING_APPROVAL+900", "approve " + name + " mesh"));
    }
  }

  private void disturb() {
    long at =
        draw.percent(60)
            ? draw.between(0L, 3 * Happening.DAY)
            : draw.between(0L, 20 * Happening.DAY);
    String when =
        switch (draw.between(0, 9)) {
          case 0, 1 -> "@" + draw.between(0, 30);
          case 2, 3 -> "@w" + draw.between(0, 8);
          case 4, 5, 6 ->
              "on:"
                  + draw.of(PHASES)
                  + "+"
                  + draw.of(0, 1, 5, 30, 120, 600, draw.between(0, 40_000));
          default -> "";
        };
    String what =
        switch (draw.between(0, 9)) {
          case 0, 1, 2 -> command();
          case 3, 4 -> edit();
          case 5 -> workload();
          case 6 -> process(when);
          case 7 -> api();
          case 8 -> evidence();
          default -> mends(at);
        };
    boolean process = what.startsWith("kill") || what.startsWith("stop");
    if (process && !when.startsWith("@")) {
      when = "@w" + draw.between(0, 6);
    }
    all.add(Happening.of(at, when, what));
  }

  private String command() {
    String plan = draw.of(plans);
    String subject = draw.percent(12) ? "mesh" : draw.of(namespaces);
    return switch (draw.between(0, 13)) {
      case 0 -> "pause " + plan;
      case 1 -> "resume " + plan;
      case 2 -> "abort " + plan;
      case 3 -> "rollback " + plan;
      case 4 -> "cleanup " + plan;
      case 5 -> "delete " + plan;
      case 6 -> "start " + plan;
      case 7 -> "step " + plan + " " + subject + " retry";
      case 8 -> "step " + plan + " " + subject + " rollback";
      case 9 -> "step " + plan + " " + subject + " exempt";
      case 10 -> "step " + plan + " " + subject + " skip";
      case 11 ->
          "override "
              + plan
              + " "
              + subject
              + " "
              + draw.of("plaintext", "probes", "capture", "plaintext,probes,capture");
      case 12 -> "approve " + plan + " " + subject;
      default -> "except " + plan + " " + draw.of(workloads);
    };
  }

  private String edit() {
    String namespace = draw.percent(20) ? "istio-system" : draw.of(namespaces);
    String name = draw.percent(85) ? "default" : "other";
    if (draw.percent(35)) {
      return "unpolicy " + namespace + " " + name;
    }
    String selector =
        !namespace.equals("istio-system") && name.equals("other") ? " app=httpbin" : "";
    return "policy "
        + namespace
        + " "
        + name
        + " "
        + draw.of("DISABLE", "PERMISSIVE", "STRICT")
        + selector;
  }

  private String workload() {
    String workload = draw.of(workloads);
    String namespace = draw.of(namespaces);
    return switch (draw.between(0, 9)) {
      case 0 -> "scale " + workload + " " + draw.between(0, 2);
      case 1 -> "scale " + workload + " " + draw.between(0, 2);
      case 2 -> "restart " + workload;
      case 3 -> "inject " + workload + " " + draw.of("sidecar", "none");
      case 4 -> "delete-namespace " + namespace;
      case 5 -> "terminate " + namespace;
      case 6 -> "workload " + namespace + "/late " + draw.of("sidecar", "none") + " 1";
      case 7 ->
          "calls "
              + draw.of("legacy/curl", "outside", "foo/curl")
              + " "
              + workload
              + " "
              + draw.of(60, 3600, 86_400);
      case 8 ->
          draw.coin()
              ? "rule " + workload.replace('/', ' ') + " " + draw.of("DISABLE", "ISTIO_MUTUAL")
              : "unrule " + workload.replace('/', ' ');
      default -> "auto-mtls " + draw.of("off", "on");
    };
  }

  private String process(String when) {
    String replica = "r" + draw.between(1, 3);
    return switch (draw.between(0, 5)) {
      case 0, 1 -> "kill";
      case 2 -> "stop " + draw.of(30, 600, 7200, 90_000) + draw.of("", " asleep");
      case 3 -> "clock " + replica + " " + draw.of(-7200, -600, -30, 0, 30, 600, 7200);
      case 4 -> when.startsWith("@") ? "kill" : "lead " + replica;
      default -> when.startsWith("@") ? "kill" : "usurp " + replica + " " + draw.of(30, 300, 3600);
    };
  }

  private String api() {
    String replica = "r" + draw.of(1, 1, 1, 2, 3);
    int seconds = draw.of(20, 300, 7200);
    return switch (draw.between(0, 11)) {
      case 0 -> "webhook-refuses " + seconds;
      case 1 -> "api-down " + seconds;
      case 2 -> "read-only " + seconds;
      case 3 -> "lose-answer";
      case 4 -> "lose-request";
      case 5 -> "conflict";
      case 6 -> "ledger-read-only " + seconds;
      case 7 -> "ledger-lose-answer";
      case 8 -> "ledger-lose-request";
      case 9 -> "watch " + replica + " " + draw.of(0, 12, 30, 300);
      case 10 -> "watch " + replica + " hang";
      default -> "watch " + replica + " lie " + draw.of(20, 60, 300);
    };
  }

  private String evidence() {
    return switch (draw.between(0, 6)) {
      case 0, 1 -> "hole " + draw.of(workloads);
      case 2 -> "prometheus-down";
      case 3 -> "prometheus-younger";
      case 4 -> "logs-down";
      case 5 -> "slow " + draw.of(workloads) + " " + draw.of(10, 60, 600);
      default -> "stuck " + draw.of(workloads);
    };
  }

  private String mends(long at) {
    return switch (draw.between(0, 2)) {
      case 0 -> "heal";
      case 1 -> "namespace " + draw.of(namespaces);
      default -> {
        String namespace = draw.of(namespaces);
        all.add(Happening.of(at + 10, "workload " + namespace + "/curl sidecar 1"));
        all.add(Happening.of(at + 10, "workload " + namespace + "/httpbin sidecar 1"));
        yield "namespace " + namespace;
      }
    };
  }
}
