// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * Something that happens in a history: one line of it, which can be left out, and read back from
 * the text that it prints.
 *
 * @param at seconds since the beginning
 * @param when empty: then. {@code @N}: at the N-th effect (a save, a write, an event) that a
 *     replica has from then on; {@code @wN}: counted from the next write of a policy on. {@code
 *     on:PHASE+SECONDS}: when a step has reached that phase, and so much later
 * @param words what happens, and to whom; see {@link Deeds}
 */
record Happening(long at, String when, List<String> words) {

  static final long DAY = 86_400;

  Happening {
    words = List.copyOf(words);
  }

  static Happening of(long at, String what) {
    return new Happening(at, "", List.of(what.split(" ")));
  }

  static Happening of(long at, String when, String what) {
    return new Happening(at, when, List.of(what.split(" ")));
  }

  static String time(long at) {
    return "%dd%02d:%02d:%02d".formatted(at / DAY, at % DAY / 3600, at % 3600 / 60, at % 60);
  }

  private static long seconds(String text) {
    String[] parts = text.split("[d:]");
    return Long.parseLong(parts[0]) * DAY
        + Long.parseLong(parts[1]) * 3600
        + Long.parseLong(parts[2]) * 60
        + Long.parseLong(parts[3]);
  }

  static List<Happening> parse(List<String> lines) {
    List<Happening> all = new ArrayList<>();
    for (String line : lines) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      List<String> words = new ArrayList<>(List.of(line.trim().split(" +")));
      long at = seconds(words.removeFirst());
      String first = words.getFirst();
      boolean later = first.startsWith("@") || first.startsWith("on:");
      if (later) {
        words.removeFirst();
      }
      all.add(new Happening(at, later ? first : "", words));
    }
    return all;
  }

  String what() {
    return String.join(" ", words);
  }

  @Override
  public String toString() {
    return time(at) + " " + (when.isEmpty() ? "" : when + " ") + what();
  }
}
