// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The order in which namespaces take turns: what one of them has much of holds up no other for
 * long.
 */
public final class Turns {

  private Turns() {}

  /**
   * Returns the first of each namespace, then the second of each, and so on; those of one namespace
   * in their order.
   */
  public static <T> List<T> of(List<T> all, Function<T, String> namespace) {
    Map<String, Integer> counts = new HashMap<>();
    List<List<T>> turns = new ArrayList<>();
    for (T one : all) {
      int turn = counts.merge(namespace.apply(one), 1, Integer::sum);
      if (turn > turns.size()) {
        turns.add(new ArrayList<>());
      }
      turns.get(turn - 1).add(one);
    }
    return turns.stream().flatMap(List::stream).toList();
  }
}
