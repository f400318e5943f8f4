// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The facts that a result or an event takes along, in bounded size. Whoever makes pods, Services or
 * calls makes facts, and a record that outgrows its object can no longer be saved: neither could it
 * be recorded that a lock is taken back.
 */
final class SomeFacts {

  /** Of a gate, in characters; those of all gates and the events of a step fit into one object. */
  private static final int OF_A_GATE = 32 << 10;

  /** Of an event, which may have those of a gate as one. */
  private static final int OF_AN_EVENT = 2 * OF_A_GATE;

  /** The longest sentence, which names objects and clients by words of theirs. */
  private static final int LONGEST = 8 << 10;

  /** The room that is left for the number of the others. */
  private static final int REST = 64;

  private SomeFacts() {}

  /** Returns a sentence, or its beginning, and how much more there is. */
  static String of(String sentence) {
    if (sentence.length() <= LONGEST) {
      return sentence;
    }
    int end = LONGEST - REST;
    end -= Character.isHighSurrogate(sentence.charAt(end - 1)) ? 1 : 0;
    return sentence.substring(0, end) + "… and " + (sentence.length() - end) + " more characters";
  }

  /** Returns the first facts, and as the last one how many more there are. */
  static List<String> of(List<String> facts) {
    long size = 0;
    int fitting = 0;
    for (String fact : facts) {
      size += fact.length();
      fitting += size <= OF_A_GATE - REST ? 1 : 0;
    }
    if (size <= OF_A_GATE) {
      return List.copyOf(facts);
    }
    List<String> some = new ArrayList<>(facts.subList(0, fitting));
    some.add("and " + (facts.size() - fitting) + " more");
    return List.copyOf(some);
  }

  /** Returns the first facts by name, and how many others there are. */
  static Map<String, String> of(Map<String, String> facts) {
    if (size(facts) <= OF_AN_EVENT) {
      return Map.copyOf(facts);
    }
    Map<String, String> some = new HashMap<>();
    long left = OF_AN_EVENT - REST;
    for (Map.Entry<String, String> fact : new TreeMap<>(facts).entrySet()) {
      left -= fact.getKey().length() + fact.getValue().length();
      if (left < 0) {
        break;
      }
      some.put(fact.getKey(), fact.getValue());
    }
    some.put("and more", facts.size() - some.size() + " others");
    return Map.copyOf(some);
  }

  private static long size(Map<String, String> facts) {
    long size = 0;
    for (Map.Entry<String, String> fact : facts.entrySet()) {
      size += fact.getKey().length() + fact.getValue().length();
    }
    return size;
  }
}
