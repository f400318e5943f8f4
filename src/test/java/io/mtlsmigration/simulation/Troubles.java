// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.testing.Draw;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Adds a kind of trouble to some histories. Each kind draws by itself, and last, so that the other
 * histories stay what they were.
 */
final class Troubles {

  private final Draw draw;
  private final List<Happening> all;

  /** Those that serve from the beginning. */
  private final List<String> servers;

  private Troubles(Draw draw, List<Happening> history) {
    this.draw = draw;
    this.all = new ArrayList<>(history);
    this.servers =
        history.stream()
            .filter(one -> one.at() == 0 && one.words().getFirst().equals("workload"))
            .map(one -> one.words().get(1))
            .filter(id -> !id.contains("/curl") && !id.equals(Ztunnel.ID))
            .toList();
  }

  static List<Happening> over(long seed, List<Happening> history) {
    List<Happening> all = with("logs", seed, 4, history, Troubles::logs);
    all = with("prometheus", seed, 15, all, Troubles::prometheus);
    all = with("views", seed, 15, all, Troubles::views);
    all = with("pods", seed, 20, all, Troubles::pods);
    all = with("jobs", seed, 10, all, Troubles::jobs);
    all = with("ledger", seed, 10, all, Troubles::ledger);
    all = with("refused", seed, 8, all, Troubles::refused);
    all = with("retried", seed, 8, all, Troubles::retried);
    all = with("listeners", seed, 8, all, Troubles::listeners);
    all = with("terms", seed, 12, all, Troubles::terms);
    all = with("telemetry", seed, 8, all, Troubles::telemetry);
    all = with("tried", seed, 8, all, Troubles::tried);
    all = with("ended", seed, 10, all, Troubles::ended);
    all = with("streams", seed, 12, all, Troubles::streams);
    all = with("audits", seed, 12, all, Troubles::audits);
    all = with("meshed", seed, 8, all, Troubles::meshed);
    all = with("rules", seed, 6, all, Troubles::rules);
    all = with("kept", seed, 4, all, Troubles::kept);
    all = with("disabled", seed, 6, all, Troubles::disabled);
    all = with("shards", seed, 8, all, Troubles::shards);
    return with("merged", seed, 4, all, Troubles::merged);
  }

  /** {@code -Dsimulation.trouble=NAME}: all histories have it. */
  private static List<Happening> with(
      String name, long seed, int chance, List<Happening> history, Consumer<Troubles> kind) {
    Draw draw = new Draw(seed ^ ((long) name.hashCode() << 32));
    boolean drawn = draw.percent(chance);
    if (!drawn && !name.equals(System.getProperty("simulation.trouble"))) {
      return history;
    }
    Troubles troubles = new Troubles(draw, history);
    kind.accept(troubles);
    troubles.all.sort(Comparator.comparingLong(Happening::at));
    return troubles.all;
  }

  private void at(long second, String what) {
    all.add(Happening.of(Math.max(0, second), what));
  }

  /**
   * Access logs are read, and tell calls to an excepted port from others: of clients whose lines
   * nobody can read, and from logs that rotate, break off, or are not given out.
   */
  private void logs() {
    at(0, "logs read");
    String server = draw.of(servers);
    all.replaceAll(one -> listening(one, server));
    at(
        draw.between(0L, 3600L),
        "calls "
            + draw.of("legacy/curl", "outside")
            + " "
            + server
            + ":9090 "
            + draw.of(20, 60, 600, 3600));
    for (int i = draw.between(0, 3); i > 0; i--) {
      String client = draw.of(Logs.FORWARDED, Logs.ODD, Logs.ODD, "outside", "legacy/curl");
      long begin = draw.of(draw.between(0L, 7200L), draw.between(0L, 12 * Happening.DAY));
      String port = draw.percent(80) ? "" : ":9090";
      at(
          begin,
          "calls "
              + client
              + " "
              + server
              + port
              + " "
              + draw.of(600, 3600, 7000, 43_200, 100_000));
      if (draw.percent(60)) {
        at(
            begin + draw.of(30L, 3600L, draw.between(60L, 8 * Happening.DAY)),
            "quiet " + client + " " + server + port);
      }
    }
    for (int i = draw.between(0, 4); i > 0; i--) {
      at(
          draw.between(0L, 14 * Happening.DAY),
          draw.of("rotate " + server, "mute " + server, "logs-down", "heal", "restart " + server));
    }
    if (draw.percent(70)) {
      unread(server);
    }
  }

  /** A call whose line is gone before anybody has read it, while a gate looks back over it. */
  private void unread(String server) {
    int called = draw.between(100, 9000);
    observing(called, "calls " + draw.of("legacy/curl ", "outside ") + server + " 2000000");
    int gone = called + draw.between(1, 19);
    if (draw.percent(60)) {
      observing(gone, "rotate " + server);
      return;
    }
    observing(called - draw.between(5, 60), "logs-down");
    observing(gone, draw.of("restart ", "evict ", "rotate ", "reboot ") + server);
    observing(gone + draw.between(10, 90), "heal");
  }

  /** Streams in plaintext, which end and begin again while a gate waits. */
  private void streams() {
    for (int i = draw.between(1, 3); i > 0; i--) {
      String pair = "legacy/curl " + draw.of(servers);
      long begin = draw.of(0L, draw.between(0L, 7200L), draw.between(0L, 12 * Happening.DAY));
      String when =
          draw.percent(30)
              ? "on:" + draw.of("OBSERVING", "READY", "LOCKING") + "+" + draw.between(0, 900)
              : "";
      all.add(Happening.of(when.isEmpty() ? begin : 0, when, "streams " + pair));
      if (draw.percent(70)) {
        long end = begin + draw.of(40L, 400L, 7200L, draw.between(0L, 8 * Happening.DAY));
        at(end, "ends " + pair);
        if (draw.percent(40)) {
          at(end + draw.of(0, 1, 20, 600), "streams " + pair);
        }
      }
    }
    for (int i = draw.between(0, 4); i > 0; i--) {
      String server = draw.of(servers);
      String what =
          draw.of(
              "restart " + server,
              "evict " + server,
              "reboot " + server,
              "scale " + server + " 3",
              "restart legacy/curl",
              "logs-down",
              "lead r" + draw.of(1, 2, 3),
              "heal");
      String when = draw.of("", "on:" + draw.of("OBSERVING", "READY") + "+" + draw.between(0, 400));
      all.add(Happening.of(when.isEmpty() ? draw.between(0L, 12 * Happening.DAY) : 0, when, what));
    }
    if (draw.percent(15)) {
      at(draw.of(0L, draw.between(0L, Happening.DAY)), "unlisted " + draw.of(servers));
    }
    for (int i = draw.between(0, 3); i > 0; i--) {
      unlooked(draw.of(servers));
    }
  }

  /**
   * A stream that begins while nobody can look, or has a reason to, just before a lock: kubelets do
   * not answer from the first judgement on, or while an approval is awaited; a plan is paused; its
   * pod is new, or its reader.
   */
  private void unlooked(String server) {
    String namespace = server.split("/")[0];
    at(draw.between(100L, 9000L), "quiet legacy/curl " + server);
    boolean approved = draw.percent(70);
    if (approved) {
      all.replaceAll(Troubles::awaitingApproval);
    }
    String phase = approved ? "AWAITING_APPROVAL" : "OBSERVING";
    String when = "on:" + namespace + ":" + phase + "+";
    int begin = draw.of(draw.between(1, 400), draw.between(1, 7000));
    int stream = begin + draw.between(1, 60);
    int end = stream + draw.of(20, 300, draw.between(310, 90_000));
    all.add(Happening.of(0, when + stream, "streams legacy/curl " + server));
    switch (draw.between(0, 5)) {
      case 0, 1, 2 -> {
        all.add(Happening.of(0, when + begin, "logs-down"));
        all.add(Happening.of(0, when + (end + draw.between(-20, 1000)), "heal"));
      }
      case 3 -> {
        all.add(Happening.of(0, when + begin, "pause p1"));
        all.add(Happening.of(0, when + (end - draw.of(0, 1, 10)), "resume p1"));
      }
      case 4 -> all.add(Happening.of(0, when + end, "lead r" + draw.of(1, 2, 3)));
      default ->
          all.add(Happening.of(0, when + begin, draw.of("restart ", "evict ", "reboot ") + server));
    }
    all.add(Happening.of(0, when + end, "approve p1 " + namespace));
  }

  private static Happening awaitingApproval(Happening one) {
    boolean asks = one.what().contains(" approval=");
    return one.words().getFirst().equals("plan") && !asks
        ? Happening.of(one.at(), one.when(), one.what() + " approval=NAMESPACE")
        : one;
  }

  /** Plans ask for a dry run of STRICT, and it has company, or is disturbed. */
  private void audits() {
    all.replaceAll(this::audited);
    if (draw.percent(60)) {
      // Nothing but the dry run tells of plaintext then.
      servers.stream()
          .map(server -> "override p1 " + server.split("/")[0] + " plaintext")
          .distinct()
          .forEach(what -> all.add(Happening.of(0, "on:OBSERVING+" + draw.between(0, 60), what)));
    }
    for (int i = draw.between(1, 5); i > 0; i--) {
      String server = draw.of(servers);
      String namespace = server.split("/")[0];
      String when = "on:" + draw.of("", namespace + ":") + "AUDITING+";
      int later = draw.of(draw.between(0, 90), draw.between(0, 4000), draw.between(0, 90_000));
      String step = "step p1 " + namespace;
      switch (draw.between(0, 6)) {
        case 0 -> called(when, later, server);
        case 1 -> {
          all.add(Happening.of(0, when + later, "hole " + draw.of(server, "*")));
          called(when, later + draw.between(-100, 900), server);
          all.add(Happening.of(0, when + (later + draw.of(60, 400, 9000)), "heal"));
        }
        case 2 -> {
          all.add(Happening.of(0, when + later, draw.of("undryrun ", "blunt ") + namespace));
          called(when, later + draw.between(0, 300), server);
        }
        case 3 -> {
          String late = draw.of("slow " + server + " " + draw.of(10, 200, 3000), "stuck " + server);
          int before = draw.of(0, later);
          all.add(Happening.of(0, draw.of("on:OBSERVING+", when) + before, late));
          called(when, later + draw.between(0, 300), server);
          all.add(Happening.of(0, when + (later + draw.of(200, 9000)), "heal"));
        }
        case 4 -> {
          String what =
              draw.of("restart ", "evict ", "reboot ", "scale ", "inject ", "listeners ") + server;
          boolean scale = what.startsWith("scale");
          String more = scale ? " " + draw.of(0, 3) : what.startsWith("inject") ? " none" : "";
          all.add(Happening.of(0, when + later, what + more));
          called(when, later + draw.between(-100, 100), server);
        }
        case 5 ->
            all.add(
                Happening.of(
                    0,
                    when + later,
                    draw.of(
                        "pause p1",
                        "resume p1",
                        "abort p1",
                        "rollback p1",
                        step + " retry",
                        step + " skip",
                        step + " rollback",
                        "override p1 " + namespace + " audit",
                        "except p1 " + server,
                        "end p1 " + server,
                        "delete p1",
                        "dryrun " + namespace,
                        "delete-namespace " + namespace)));
        default ->
            all.add(
                Happening.of(
                    0,
                    when + later,
                    draw.of(
                        "lead r2",
                        "api-down 300",
                        "read-only 300",
                        "lose-answer",
                        "lose-request",
                        "ledger-read-only 300",
                        "ledger-lose-answer",
                        "webhook-refuses 300",
                        "watch r1 30",
                        "watch r1 hang",
                        "prometheus-younger",
                        "policy " + namespace + " default DISABLE",
                        "prometheus-down")));
      }
    }
    for (int i = draw.between(0, 2); i > 0; i--) {
      String what = draw.of("kill", "kill", "stop " + draw.of(30, 600, 7200));
      all.add(Happening.of(draw.between(0L, 9000L), "@w" + draw.between(0, 4), what));
    }
    if (draw.percent(15)) {
      at(draw.between(0L, 7200L), "dryrun " + draw.of(servers).split("/")[0]);
    }
  }

  private Happening audited(Happening one) {
    boolean plan = one.words().getFirst().equals("plan");
    String length = " audit=" + draw.of(60, 600, 3600, 7200, 86_400);
    return plan ? Happening.of(one.at(), one.when(), one.what() + length) : one;
  }

  /** For a moment, or for minutes. */
  private void called(String when, int later, String server) {
    String client = draw.of("outside ", "legacy/curl ") + server;
    int begin = Math.max(0, later);
    all.add(Happening.of(0, when + begin, "calls " + client + " 20"));
    all.add(Happening.of(0, when + (begin + draw.of(30, 70, 400)), "quiet " + client));
  }

  /**
   * A plan that gets as far as the step of the mesh: nobody stays without a proxy, but for a client
   * that ends. What is drawn comes around that step, to whom it reaches and whoever makes it.
   */
  private void meshed() {
    long calm = draw.between(0L, 6 * 3600L);
    for (Happening one : List.copyOf(all)) {
      String verb = one.words().getFirst();
      if (verb.equals("workload") && one.words().get(2).equals("none") && !legacy(one)) {
        at(calm, "inject " + one.words().get(1) + " sidecar");
      } else if (verb.equals("calls") && !one.words().get(1).endsWith("/curl")) {
        at(Math.max(calm, one.at() + 60), "quiet " + one.words().get(1) + " " + one.words().get(2));
      } else if (verb.equals("calls") && one.words().get(1).equals("legacy/curl")) {
        at(Math.max(calm, one.at() + 60), "quiet legacy/curl " + one.words().get(2));
      }
    }
    all.replaceAll(Troubles::ofTheMesh);
    for (int i = draw.between(1, 4); i > 0; i--) {
      String server = draw.of(servers);
      String namespace = server.substring(0, server.indexOf('/'));
      String phase = draw.of("OBSERVING", "READY", "LOCKING", "VERIFYING", "VERIFYING", "LOCKED");
      String when = "on:mesh:" + phase + "+";
      int later = draw.of(0, draw.between(0, 30), draw.between(0, 900));
      switch (draw.between(0, 7)) {
        case 0 -> asleep(namespace, when, later);
        case 1 -> {
          all.add(Happening.of(0, when + later, "unpolicy " + namespace + " default"));
          called(when, later + draw.between(0, 200), server);
        }
        case 2 -> {
          all.add(Happening.of(0, when + later, "namespace late"));
          all.add(Happening.of(0, when + later, "workload late/httpbin sidecar 1"));
          called(when, later + draw.between(1, 90), "late/httpbin");
        }
        case 3 -> called(when, later, server);
        case 4 -> {
          all.add(
              Happening.of(0, when + later, draw.of("slow " + server + " 600", "stuck " + server)));
          all.add(Happening.of(0, when + (later + draw.of(60, 2000)), "heal"));
        }
        case 5 ->
            all.add(
                Happening.of(
                    0,
                    when + later,
                    "step p1 "
                        + draw.of(namespace, "mesh")
                        + " "
                        + draw.of("rollback", "exempt", "retry")));
        case 6 ->
            all.add(
                Happening.of(
                    0,
                    when + later,
                    draw.of("rollback p1", "cleanup p1", "abort p1", "pause p1", "lead r2")));
        default ->
            all.add(
                Happening.of(
                    0,
                    when + later,
                    draw.of(
                        "unpolicy istio-system default",
                        "policy istio-system default PERMISSIVE",
                        "policy istio-system default DISABLE",
                        "policy " + namespace + " default PERMISSIVE",
                        "terminate " + namespace,
                        "watch r1 " + draw.of(12, 120))));
      }
    }
  }

  private static boolean legacy(Happening one) {
    return one.words().get(1).startsWith("legacy/") || one.words().get(1).equals(Ztunnel.ID);
  }

  private static Happening ofTheMesh(Happening one) {
    List<String> words = new ArrayList<>(one.words());
    if (!words.getFirst().equals("plan") || !words.get(1).equals("p1")) {
      return one;
    }
    words.set(2, "mesh");
    words.replaceAll(word -> word.startsWith("window=") ? "window=3600" : word);
    words.removeIf(word -> word.startsWith("approval=") || word.equals("manifest"));
    return new Happening(one.at(), one.when(), words);
  }

  /** A namespace without pods at night, whose clients come back in the morning. */
  private void asleep(String namespace, String when, int later) {
    long night = draw.between(0L, Happening.DAY);
    List<String> own = new ArrayList<>(servers);
    own.removeIf(server -> !server.startsWith(namespace + "/"));
    own.add(namespace + "/curl");
    for (String workload : own) {
      at(night, "scale " + workload + " 0");
      all.add(Happening.of(0, when + later, "scale " + workload + " 1"));
    }
    called(when, later + 60, own.getFirst());
  }

  /**
   * Clients with a proxy are told to send plaintext: before a lock, in the middle of it, and to a
   * namespace that has been locked for long.
   */
  private void rules() {
    for (int i = draw.between(1, 4); i > 0; i--) {
      String server = draw.of(servers);
      String namespace = server.substring(0, server.indexOf('/'));
      String phase = draw.of("READY", "LOCKING", "VERIFYING", "LOCKED", "LOCKED", "LOCKED");
      String when = "on:" + draw.of("", namespace + ":") + phase + "+";
      int later = draw.of(0, draw.between(0, 90), draw.between(0, 90_000));
      boolean whole = draw.percent(25);
      String service = server.replace('/', ' ');
      all.add(
          Happening.of(0, when + later, whole ? "auto-mtls off" : "rule " + service + " DISABLE"));
      if (draw.percent(40)) {
        int end = later + draw.of(30, 900, 90_000);
        all.add(Happening.of(0, when + end, whole ? "auto-mtls on" : "unrule " + service));
      }
      if (draw.percent(30)) {
        String what = draw.of("lead r2", "restart " + server, "inject " + server + " none");
        all.add(Happening.of(0, when + (later + draw.between(0, 9000)), what));
      }
    }
  }

  /** A manifest that people apply where they keep it, and take back, or had applied before. */
  private void kept() {
    all.replaceAll(Troubles::byManifest);
    for (String namespace : servers.stream().map(one -> one.split("/")[0]).distinct().toList()) {
      String on = "on:" + namespace + ":";
      String policy = "policy " + namespace + " default ";
      if (draw.percent(20)) {
        at(draw.between(0L, Happening.DAY), policy + "STRICT");
      }
      all.add(Happening.of(0, on + "LOCKING+" + draw.between(1, 900), policy + "STRICT"));
      if (draw.percent(40)) {
        int late = draw.between(0, 90);
        String server = namespace + "/httpbin";
        all.add(Happening.of(0, on + "ROLLING_BACK+" + late, "slow " + server + " 600"));
      }
      int back = draw.of(draw.between(0, 90), draw.between(0, 90_000));
      String what = draw.of("unpolicy " + namespace + " default", policy + "PERMISSIVE");
      all.add(Happening.of(0, on + "ROLLING_BACK+" + back, what));
      if (draw.percent(50)) {
        String step = "step p1 " + namespace + " rollback";
        all.add(Happening.of(0, on + "LOCKED+" + draw.between(0, 90_000), step));
      }
    }
    at(draw.between(Happening.DAY, 14 * Happening.DAY), draw.of("rollback p1", "cleanup p1"));
  }

  private static Happening byManifest(Happening one) {
    return one.words().getFirst().equals("plan") && !one.words().contains("manifest")
        ? Happening.of(one.at(), one.when(), one.what() + " manifest")
        : one;
  }

  /**
   * Manifests that people apply whenever they like, in parts, and take back in parts: before a lock
   * begins, on a gate that does not hold, after an undo.
   */
  private void merged() {
    String server = draw.of(servers);
    all.replaceAll(one -> listening(one, server));
    all.replaceAll(Troubles::byManifest);
    String excepted = server.substring(0, server.indexOf('/'));
    for (String namespace : servers.stream().map(one -> one.split("/")[0]).distinct().toList()) {
      String policy = "policy " + namespace + " default ";
      List<String> parts = new ArrayList<>(List.of(policy + "STRICT"));
      if (namespace.equals(excepted)) {
        String app = " app=" + server.substring(server.indexOf('/') + 1);
        parts.add("policy " + namespace + " ports UNSET" + app + " 9090=PERMISSIVE");
      }
      for (int i = draw.between(1, 3); i > 0; i--) {
        String phase =
            draw.of(
                "OBSERVING",
                "OBSERVING",
                "BLOCKED",
                "READY",
                "AWAITING_APPROVAL",
                "LOCKING",
                "LOCKING",
                "VERIFYING",
                "ROLLING_BACK",
                "ROLLED_BACK",
                "DRIFTED");
        String when = "on:" + namespace + ":" + phase + "+";
        int begin = draw.of(draw.between(0, 60), draw.between(0, 7200), draw.between(0, 90_000));
        for (String part : parts) {
          if (draw.percent(80)) {
            all.add(Happening.of(0, when + (begin + draw.of(0, 0, draw.between(0, 900))), part));
          }
        }
        if (draw.percent(50)) {
          int end = begin + draw.of(draw.between(1, 90), draw.between(0, 90_000));
          String back = draw.of("unpolicy " + namespace + " default", policy + "PERMISSIVE");
          all.add(Happening.of(0, when + end, back));
          if (draw.percent(50)) {
            all.add(Happening.of(0, when + end, "unpolicy " + namespace + " ports"));
          }
        }
      }
      String back = draw.of("unpolicy " + namespace + " default", policy + "PERMISSIVE");
      all.add(Happening.of(0, "on:" + namespace + ":ROLLING_BACK+" + draw.between(0, 9000), back));
    }
    for (int i = draw.between(0, 2); i > 0; i--) {
      String subject = draw.of(servers).split("/")[0];
      at(
          draw.between(0L, 12 * Happening.DAY),
          draw.of(
              "step p1 " + subject + draw.of(" rollback", " retry", " skip", " exempt"),
              "pause p1",
              "resume p1",
              "abort p1",
              "lead r2",
              "slow " + server + " 600"));
    }
    at(draw.between(Happening.DAY, 14 * Happening.DAY), draw.of("rollback p1", "cleanup p1"));
  }

  /**
   * Mutual TLS is disabled at first, and again while a plan opens and locks; whoever writes dies,
   * and somebody edits what was written before anybody has recorded it.
   */
  private void disabled() {
    String server = draw.of(servers);
    String namespace = server.substring(0, server.indexOf('/'));
    String policy = "policy " + namespace + " default ";
    at(0, draw.of(policy, policy, "policy istio-system default ") + "DISABLE");
    all.replaceAll(
        one ->
            one.words().getFirst().equals("plan") && !one.words().contains("adopt")
                ? Happening.of(one.at(), one.when(), one.what() + " adopt")
                : one);
    at(draw.between(0L, 9000L), "quiet legacy/curl " + server);
    at(draw.between(0L, 9000L), "quiet outside " + server);
    String on = "on:" + namespace + ":";
    for (int i = draw.between(1, 3); i > 0; i--) {
      String mode = draw.of("DISABLE", "DISABLE", "PERMISSIVE", "STRICT");
      String when = on + draw.of("LOCKING", "LOCKING", "READY", "ROLLING_BACK") + "+";
      all.add(Happening.of(0, when + draw.of(0, draw.between(0, 40), 400), policy + mode));
    }
    if (draw.percent(50)) {
      all.add(Happening.of(draw.between(0L, 9000L), "@w" + draw.between(0, 5), "kill"));
    }
    if (draw.percent(30)) {
      all.add(Happening.of(0, on + "LOCKING+" + draw.of(0, 60), "slow " + server + " 600"));
    }
    if (draw.percent(40)) {
      String mesh = "policy istio-system default " + draw.of("STRICT", "PERMISSIVE", "DISABLE");
      at(draw.between(0L, 12 * Happening.DAY), mesh);
    }
    String undo = draw.of("rollback p1", "cleanup p1", "step p1 " + namespace + " rollback");
    all.add(Happening.of(0, on + "LOCKED+" + draw.of(0, draw.between(0, 90_000)), undo));
  }

  private void observing(int later, String what) {
    all.add(Happening.of(0, "on:OBSERVING+" + later, what));
  }

  /** Two replicas of different age behind one address, and answers that are partial. */
  private void prometheus() {
    long begin = draw.of(draw.between(0L, Happening.DAY), draw.between(0L, 14 * Happening.DAY));
    if (draw.percent(75)) {
      at(begin, "prometheus-pair");
    } else {
      at(begin, "prometheus-partial " + draw.of(2, 20, 90));
    }
    for (int i = draw.between(0, 4); i > 0; i--) {
      String server = draw.of(servers);
      at(
          begin + draw.between(-3000L, 2 * Happening.DAY),
          draw.of("restart " + server, "evict " + server, "hole " + server, "heal"));
    }
    if (draw.percent(60)) {
      String client = draw.of("outside ", "legacy/curl ") + draw.of(servers);
      at(begin + draw.between(-9000L, 9000L), "calls " + client + " 100000");
    }
  }

  /**
   * Several Prometheus share the pods, and one of them is away while somebody calls a pod of its,
   * which ends; and perhaps still is when another process begins to lead. Each has pods that go on:
   * of one that has none nobody knows that it is away.
   */
  private void shards() {
    int shards = draw.of(2, 2, 3, 4);
    at(0, "prometheus-shards " + shards);
    at(0, "workload legacy/curl-on sidecar " + 4 * shards);
    for (int i = draw.between(1, 4); i > 0; i--) {
      String server = draw.of(servers);
      String client = draw.of("outside ", "legacy/curl ") + server;
      String when = draw.of("on:OBSERVING+", "on:OBSERVING+", "on:READY+", "on:LOCKED+");
      int begin = draw.of(draw.between(1, 900), draw.between(10, 90_000));
      int length = draw.of(draw.between(60, 400), draw.between(150, 3600), 40_000);
      int called = begin + draw.between(1, length);
      int ended = called + draw.of(draw.between(30, 200), draw.between(1, length));
      all.add(Happening.of(0, when + begin, "hole shard" + draw.between(0, shards - 1)));
      all.add(Happening.of(0, when + called, "calls " + client + " 20"));
      all.add(Happening.of(0, when + (called + 25), "quiet " + client));
      String end = draw.of("restart ", "restart ", "evict ", "reboot ", "scale ") + server;
      all.add(Happening.of(0, when + ended, end + (end.startsWith("scale") ? " 1" : "")));
      all.add(Happening.of(0, when + (begin + length), "heal"));
      if (draw.percent(50)) {
        String process = draw.of("lead r2", "lead r2", "lead r3");
        int later = draw.of(ended - begin + 1, draw.between(0, length), length + 60);
        all.add(Happening.of(0, when + (begin + later), process));
      }
    }
  }

  /** Streams of several kinds that are not of one second, and such as break off and list again. */
  private void views() {
    for (int i = draw.between(1, 3); i > 0; i--) {
      String replica = "watch r" + draw.of(1, 1, 2) + " ";
      String what =
          replica
              + draw.of("policies ", "pods ", "pods ", "relist ")
              + draw.of(3, 12, 30, 120, 600);
      String when =
          draw.of("", "on:" + draw.of("LOCKING", "READY", "ROLLING_BACK", "LOCKED") + "+0");
      all.add(Happening.of(when.isEmpty() ? draw.between(0L, 12 * Happening.DAY) : 0, when, what));
    }
    for (int i = draw.between(0, 3); i > 0; i--) {
      String server = draw.of(servers);
      String when =
          "on:" + draw.of("LOCKING", "READY", "VERIFYING", "LOCKED") + "+" + draw.between(0, 60);
      all.add(
          Happening.of(
              0,
              when,
              draw.of(
                  "restart " + server,
                  "inject " + server + " none",
                  "scale " + server + " 0",
                  "policy " + server.split("/")[0] + " other PERMISSIVE app=httpbin")));
    }
  }

  /** Proxies that are started again in their pods, single pods that go, and labels that change. */
  private void pods() {
    for (int i = draw.between(1, 5); i > 0; i--) {
      String server = draw.of(servers);
      String namespace = server.split("/")[0];
      String what =
          draw.of(
              "reboot " + server,
              "evict " + server,
              "relabel " + server + " " + draw.of("other", "httpbin", "api"),
              "relabel " + server + " " + server.split("/")[1]);
      long at = draw.of(draw.between(0L, Happening.DAY), draw.between(0L, 20 * Happening.DAY));
      String when =
          draw.percent(30)
              ? "on:" + draw.of("READY", "LOCKING", "VERIFYING", "LOCKED", "ROLLED_BACK") + "+5"
              : "";
      all.add(Happening.of(when.isEmpty() ? at : 0, when, what));
      if (draw.percent(25)) {
        at(
            at,
            "policy "
                + namespace
                + " other "
                + draw.of("PERMISSIVE", "DISABLE", "STRICT")
                + " app="
                + draw.of("httpbin", "other"));
      }
      if (draw.percent(30)) {
        at(at - draw.between(0, 200), "hole " + server);
      }
      if (draw.percent(30)) {
        String client = draw.of("outside ", "legacy/curl ") + server;
        at(at - draw.between(0, 400), "calls " + client + " 100000");
      }
    }
  }

  /** CronJobs, of which some run more rarely than plans look for plaintext. */
  private void jobs() {
    long begin = draw.of(0L, draw.between(0L, 9 * Happening.DAY));
    long period = draw.of(5000L, 21_600L, 43_200L, Happening.DAY, 7 * Happening.DAY);
    at(begin, "cronjob legacy/nightly " + period + " " + draw.of(servers));
    if (draw.percent(50)) {
      at(begin + draw.between(0L, 10 * Happening.DAY), "uncron legacy/nightly");
    } else if (draw.percent(60)) {
      long until = begin + draw.between(0L, 10 * Happening.DAY);
      at(begin + draw.between(0L, until - begin + 1), "suspend legacy/nightly");
      at(until, "resume-cron legacy/nightly");
    }
  }

  /** Records that somebody else has written, a moment before: of a lock, or of what leads to it. */
  private void ledger() {
    for (int i = draw.between(1, 6); i > 0; i--) {
      String when =
          draw.of(
              "",
              "@w" + draw.between(0, 6),
              "on:" + draw.of("READY", "LOCKING", "VERIFYING", "ROLLING_BACK", "EXEMPT") + "+1");
      all.add(
          Happening.of(
              when.isEmpty() ? draw.between(0L, 20 * Happening.DAY) : 0, when, "ledger-conflict"));
    }
  }

  /** Access logs alone tell who is refused, while a lock is made: late, torn, or not at all. */
  private void refused() {
    at(0, "logs refused");
    if (draw.percent(30)) {
      goesOn();
    } else {
      servers.stream().filter(server -> draw.percent(70)).forEach(this::torn);
    }
    if (draw.percent(30)) {
      at(draw.between(0L, 14 * Happening.DAY), "heal");
    }
  }

  /** Clients that go on calling, while logs are not there or end. */
  private void goesOn() {
    for (int i = draw.between(1, 3); i > 0; i--) {
      String server = draw.of(servers);
      String client = draw.of("outside ", "legacy/curl ") + server;
      String when = "on:" + draw.of("READY", "LOCKING", "VERIFYING", "VERIFYING") + "+";
      int later = draw.between(0, 400);
      all.add(Happening.of(0, when + later, "calls " + client + " " + draw.of(20, 60, 250)));
      if (draw.percent(60)) {
        all.add(Happening.of(0, when + (later + draw.between(20, 400)), "quiet " + client));
      }
      if (draw.percent(60)) {
        all.add(
            Happening.of(
                0,
                when + (later + draw.between(0, 300)),
                draw.of(
                    "logs-down",
                    "mute " + server,
                    "rotate " + server,
                    "reboot " + server,
                    "restart " + server,
                    "restart " + Ztunnel.ID,
                    "lead r2")));
      }
    }
  }

  /** A call is refused, and its line is gone before anybody has read it: before the next tick. */
  private void torn(String server) {
    String namespace = server.split("/")[0];
    String when = "on:" + namespace + ":" + draw.of("LOCKING", "VERIFYING", "VERIFYING") + "+";
    if (draw.percent(20)) {
      when = "on:mesh:VERIFYING+";
      all.add(Happening.of(0, when + 0, "unpolicy " + namespace + " default"));
    }
    int called = draw.between(1, 320);
    String client = draw.of("outside ", "legacy/curl ");
    all.add(Happening.of(0, when + called, "calls " + client + server + " 2000000"));
    int gone = called + draw.of(1, 1, 1, draw.between(2, 19));
    if (draw.percent(30)) {
      all.add(Happening.of(0, when + Math.max(0, called - draw.between(0, 60)), "logs-down"));
      all.add(Happening.of(0, when + (gone + draw.between(1, 90)), "heal"));
    }
    String what = draw.of("rotate ", "restart ", "evict ", "reboot ", "reboot ", "");
    what = what.isEmpty() ? "restart " + Ztunnel.ID : what + server;
    all.add(Happening.of(0, when + gone, what));
    if (draw.percent(30)) {
      all.add(Happening.of(0, when + gone, draw.of(what, "lead r2", "lead r3")));
    }
  }

  /**
   * A plan that has ended is taken up by the retry of a step, or another one comes after it with an
   * exception of its own.
   */
  private void retried() {
    String plan = draw.of("p1", "p1", "p2");
    String server = draw.of(servers);
    String namespace = server.substring(0, server.indexOf('/'));
    String step = "step " + plan + " " + namespace;
    long end = draw.between(2 * Happening.DAY, 12 * Happening.DAY);
    if (draw.percent(60)) {
      at(end - draw.between(1L, Happening.DAY), step + " rollback");
      at(
          draw.between(0L, end),
          draw.of(
              "override " + plan + " " + namespace + " plaintext", "approve " + plan + " mesh"));
      at(end, draw.of("abort ", "abort ", "pause ") + plan);
      long retried = end + draw.of(1L, 60L, draw.between(60L, 4 * Happening.DAY));
      at(retried, step + " retry");
      at(retried + draw.of(1L, 600L, Happening.DAY), "resume " + plan);
    }
    if (draw.percent(60)) {
      long later = end + draw.between(0L, 5 * Happening.DAY);
      String over = draw.of(namespace, namespace, "mesh");
      at(later, "plan again " + over + " window=3600 adopt except=" + server);
      at(later + draw.between(1, 600), "start again");
      if (draw.percent(30)) {
        at(later + draw.between(600, 9000), "step again " + namespace + " exempt");
      }
    }
  }

  /**
   * Listeners that change, so that Envoy drops their counters, while nothing is scraped: calls of
   * that time are counted by nobody.
   */
  private void listeners() {
    for (int i = draw.between(1, 3); i > 0; i--) {
      String server = draw.of(servers);
      String client = draw.of("outside ", "legacy/curl ");
      String when = draw.of("on:OBSERVING+", "on:READY+");
      int begin = draw.between(10, 6000);
      int length = draw.of(draw.between(60, 900), draw.between(600, 40_000));
      if (draw.percent(80)) {
        all.add(Happening.of(0, when + begin, "hole " + draw.of(server, "*")));
        all.add(Happening.of(0, when + (begin + length), "heal"));
      }
      int called = begin + draw.between(1, length);
      all.add(Happening.of(0, when + called, "calls " + client + server + " 20"));
      all.add(Happening.of(0, when + (called + 40), "quiet " + client + server));
      int changed = called + draw.of(draw.between(41, 120), draw.between(1, length));
      all.add(Happening.of(0, when + changed, "listeners " + server));
      if (draw.percent(30)) {
        all.add(Happening.of(0, when + (begin + length + draw.between(1, 900)), "lead r2"));
      }
    }
  }

  /**
   * Sidecars are told to count nothing, for minutes or days, while somebody calls; and count again
   * when another process begins to lead.
   */
  private void telemetry() {
    for (int i = draw.between(1, 3); i > 0; i--) {
      String server = draw.of(servers);
      String namespace = server.substring(0, server.indexOf('/'));
      long off = draw.of(draw.between(0L, 3600L), draw.between(0L, 12 * Happening.DAY));
      long length =
          draw.of(
              draw.between(10L, 900L),
              draw.between(600L, 40_000L),
              draw.between(0L, 6 * Happening.DAY));
      at(off, "telemetry " + namespace + " off");
      at(off + length, "telemetry " + namespace + " on");
      if (draw.percent(70)) {
        somebodyCalls(server, off, length);
      }
      if (draw.percent(50)) {
        at(off + length + draw.between(-90, 90), draw.of("lead r2", "lead r1"));
      }
      if (draw.percent(30)) {
        // Somebody else is seen at once, and hides that nobody counts.
        String other = draw.of(servers);
        at(off + draw.between(0, length), "calls outside " + other + " 600");
        at(off + length + draw.between(0, 7200), "quiet outside " + other);
      }
    }
  }

  /** At some time of a stretch, for minutes. */
  private void somebodyCalls(String server, long from, long length) {
    String client = draw.of("outside ", "legacy/curl ");
    long called = from + draw.between(0, length);
    at(called, "calls " + client + server + " " + draw.of(20, 600));
    at(called + draw.between(30, 3600), "quiet " + client + server);
  }

  /**
   * A person tries STRICT, which refuses somebody, and takes it back: before there is a plan or
   * beside it, while proxies are slow to follow, as another process begins to lead.
   */
  private void tried() {
    for (int i = draw.between(1, 3); i > 0; i--) {
      String server = draw.of(servers);
      String namespace = server.substring(0, server.indexOf('/'));
      long on = draw.of(draw.between(0L, 3600L), draw.between(0L, 6 * Happening.DAY));
      long length =
          draw.of(
              draw.between(10L, 900L),
              draw.between(600L, 40_000L),
              draw.between(0L, 3 * Happening.DAY));
      at(on, "policy " + namespace + " default STRICT");
      at(on + length, "unpolicy " + namespace + " default");
      long open = on + length;
      if (draw.percent(30)) {
        long late = draw.between(60L, 40_000L);
        at(on + length - 1, "slow " + server + " " + late);
        open += late;
      }
      somebodyCalls(server, on, open - on);
      if (draw.percent(60)) {
        at(open + draw.of(0, draw.between(-90, 90)), draw.of("lead r2", "lead r1"));
      }
    }
  }

  /**
   * Windows, and clients that may fail, are changed while plans run: at any time, and in the middle
   * of what they decide; around an override that was given before.
   */
  private void terms() {
    for (int i = draw.between(1, 6); i > 0; i--) {
      String plan = draw.of("p1", "p1", "p1", "p2");
      String server = draw.of(servers);
      String when =
          draw.of(
              "",
              "@w" + draw.between(0, 4),
              "on:"
                  + draw.of("OBSERVING", "READY", "LOCKING", "VERIFYING", "LOCKED")
                  + "+"
                  + draw.of(0, 1, 5, 200));
      long at = when.isEmpty() ? draw.between(0L, 12 * Happening.DAY) : 0;
      if (draw.percent(30)) {
        String namespace = server.substring(0, server.indexOf('/'));
        String gates = draw.of("plaintext", "plaintext,probes,capture");
        all.add(Happening.of(at, when, "override " + plan + " " + namespace + " " + gates));
      }
      String client = draw.of("legacy/curl", "legacy/nightly", "bar/curl");
      all.add(
          Happening.of(
              at + (when.isEmpty() ? draw.between(0, 600) : 0),
              when,
              draw.of(
                  "window " + plan + " " + window() + " " + draw.of(120, 300, 300, 900),
                  "window " + plan + " " + window() + " 300",
                  "ignore " + plan + " " + client,
                  "heed " + plan + " " + client)));
      if (draw.percent(40)) {
        at(
            at + draw.between(0L, Happening.DAY),
            "calls " + draw.of("legacy/curl ", "outside ") + server + " " + draw.of(600, 100_000));
      }
    }
  }

  private long window() {
    return draw.of(3600L, 7200L, 86_400L, 604_800L);
  }

  /**
   * Exceptions end before their day: at any time, in the middle of a lock, and once their namespace
   * has been rolled back, while somebody calls what they leave open.
   */
  private void ended() {
    String plan = draw.of("p1", "p1", "p1", "p2");
    String server = draw.of(servers);
    String namespace = server.substring(0, server.indexOf('/'));
    String port = draw.of("", ":9090");
    String step = "step " + plan + " " + namespace;
    all.replaceAll(one -> excepting(one, plan, server + port));
    if (draw.percent(60)) {
      String client = draw.of("legacy/curl ", "outside ") + server + draw.of(port, "");
      long begin = draw.between(0L, 8 * Happening.DAY);
      at(begin, "calls " + client + " " + draw.of(60, 600, 43_200));
      if (draw.percent(60)) {
        at(begin + draw.between(60L, 4 * Happening.DAY), "quiet " + client);
      }
    }
    for (int i = draw.between(1, 4); i > 0; i--) {
      String on =
          "on:"
              + draw.of("OBSERVING", "READY", "LOCKING", "LOCKING", "VERIFYING", "LOCKED")
              + "+"
              + draw.of(0, 1, 5, 200);
      String end = "end " + plan + " " + server + port;
      switch (draw.between(0, 3)) {
        case 0 -> at(draw.between(0L, 12 * Happening.DAY), end);
        case 1 -> all.add(Happening.of(0, "@w" + draw.between(0, 4), end));
        case 2 -> all.add(Happening.of(0, on, end));
        default -> {
          long at = draw.between(Happening.DAY, 10 * Happening.DAY);
          at(at, step + " rollback");
          at(at + draw.of(60L, 600L, 9000L), end);
          at(
              at + draw.of(700L, 9001L, Happening.DAY),
              draw.of(step + " retry", step + " retry", step + " skip", "abort " + plan));
          at(at + Happening.DAY + draw.between(1, 60), "resume " + plan);
        }
      }
    }
  }

  private static Happening excepting(Happening one, String plan, String what) {
    List<String> words = new ArrayList<>(one.words());
    if (!words.getFirst().equals("plan") || !words.get(1).equals(plan)) {
      return one;
    }
    words.removeIf(word -> word.startsWith("except="));
    words.add("except=" + what);
    return new Happening(one.at(), one.when(), words);
  }

  /** Some plans except the second port, at which somebody listens. */
  private Happening listening(Happening one, String server) {
    List<String> words = new ArrayList<>(one.words());
    switch (words.getFirst()) {
      case "workload" -> {
        if (words.get(1).equals(server)) {
          words.add("9090");
        }
      }
      case "plan" -> {
        words.removeIf(word -> word.startsWith("except="));
        words.add("except=" + server + ":9090");
      }
      default -> {}
    }
    return new Happening(one.at(), one.when(), words);
  }
}
