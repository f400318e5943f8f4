// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.testing.Draw;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes some namespaces of some histories ambient. It draws by itself, and last, so that every
 * other history stays what it was.
 */
final class Ambience {

  private static final List<String> NAMES = List.of("foo", "bar", "baz", "qux");

  private final Draw draw;
  private final Set<String> ambient = new HashSet<>(Set.of("foo"));
  private final List<Happening> all = new ArrayList<>();

  private Ambience(Draw draw) {
    this.draw = draw;
  }

  static List<Happening> over(long seed, List<Happening> history) {
    Draw draw = new Draw(seed ^ 0x7a74756e6e656cL);
    return draw.percent(35) ? new Ambience(draw).made(history) : history;
  }

  private List<Happening> made(List<Happening> history) {
    NAMES.stream().filter(name -> draw.percent(60)).forEach(ambient::add);
    history.forEach(one -> all.add(changed(one)));
    at(0, "workload " + Ztunnel.ID + " none 1");
    if (draw.percent(30)) {
      at(0, "istiod new");
    }
    for (String name : ambient) {
      connections(name);
      if (draw.percent(20)) {
        at(
            draw.of(0L, draw.between(0L, 12 * Happening.DAY)),
            "policy " + name + " ports UNSET app=httpbin 9090=" + draw.of("PERMISSIVE", "DISABLE"));
      }
    }
    for (int i = draw.between(0, 3); i > 0; i--) {
      at(
          draw.between(0L, 14 * Happening.DAY),
          draw.of(
              "restart " + Ztunnel.ID,
              "hole " + Ztunnel.ID,
              "istiod restarts",
              "slow " + draw.of(List.copyOf(ambient)) + "/httpbin 60"));
    }
    all.sort(Comparator.comparingLong(Happening::at));
    return all;
  }

  private void at(long second, String what) {
    all.add(Happening.of(second, what));
  }

  private void connections(String namespace) {
    if (draw.percent(60)) {
      return;
    }
    String pair = draw.of("legacy/curl ", "outside ") + namespace + "/httpbin";
    long begin = draw.between(60L, 12 * Happening.DAY);
    at(begin, "holds " + pair);
    if (draw.percent(60)) {
      at(begin + draw.of(120L, 7200L, draw.between(0L, 8 * Happening.DAY)), "lets-go " + pair);
    }
    if (draw.percent(50)) {
      String override = "override p1 " + namespace + " plaintext,probes";
      at(begin + draw.between(0L, Happening.DAY), override);
    }
    if (draw.percent(30)) {
      String when = "on:" + draw.of("READY", "LOCKING", "VERIFYING") + "+" + draw.between(0, 90);
      all.add(Happening.of(0, when, "holds " + pair));
    }
  }

  private Happening changed(Happening one) {
    List<String> words = new ArrayList<>(one.words());
    String subject = words.size() > 1 ? words.get(1).split("/")[0] : "";
    switch (words.getFirst()) {
      case "namespace" -> {
        if (ambient.contains(subject)) {
          words.add("ambient");
        }
      }
      case "workload", "inject" -> {
        if (ambient.contains(subject) && words.get(2).equals("sidecar")) {
          words.set(2, draw.percent(90) ? "ambient" : "sidecar");
        }
      }
      case "plan", "except" -> {
        String last = words.getLast();
        boolean excepts = last.startsWith("except=") || words.getFirst().equals("except");
        if (excepts && draw.percent(60)) {
          words.set(words.size() - 1, last + ":9090");
        }
      }
      default -> {}
    }
    return new Happening(one.at(), one.when(), words);
  }
}
