// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The conditions that one turn has found for a plan, merged into those that it has. An unchanged
 * condition keeps its transition time, so that nothing is written.
 */
final class Conditions {

  /** True when the service works by the current spec. */
  static final String ACCEPTED = "Accepted";

  /** True when everything that the plan asks for is in place. */
  static final String READY = "Ready";

  /** True while the service is working on the plan. */
  static final String PROGRESSING = "Progressing";

  /** True when something went wrong and a person has to decide. */
  static final String DEGRADED = "Degraded";

  /** True while another plan owns something of this one; otherwise absent. */
  static final String CONFLICT = "Conflict";

  /** True when the last command by annotation was carried out; absent when there was none. */
  static final String COMMANDED = "Commanded";

  /** True when the plan may be deleted; present only while its deletion is requested. */
  static final String DELETABLE = "Deletable";

  /** The order in which conditions are listed. */
  private static final List<String> TYPES =
      List.of(ACCEPTED, READY, PROGRESSING, DEGRADED, CONFLICT, COMMANDED, DELETABLE);

  /** The maximum length of a message in {@code metav1.Condition}. */
  private static final int LONGEST = 32_768;

  private final Map<String, @Nullable Condition> found = new LinkedHashMap<>();
  private final String now;
  private final long generation;

  /**
   * Creates an empty set of conditions.
   *
   * @param generation of the object that is judged
   */
  Conditions(Instant now, long generation) {
    this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
    this.generation = generation;
  }

  void put(String type, boolean status, String reason, String message) {
    String shown = message.length() > LONGEST ? message.substring(0, LONGEST) : message;
    found.put(type, new Condition(type, status ? "True" : "False", reason, shown, now, generation));
  }

  void remove(String type) {
    found.put(type, null);
  }

  List<Condition> over(List<Condition> held) {
    Map<String, Condition> all = new HashMap<>();
    held.forEach(condition -> all.put(Values.text(condition.type()), condition));
    found.forEach(
        (type, next) -> {
          if (next == null) {
            all.remove(type);
          } else {
            all.put(type, since(all.get(type), next));
          }
        });
    List<Condition> ordered = new ArrayList<>();
    for (String type : TYPES) {
      Condition condition = all.remove(type);
      if (condition != null) {
        ordered.add(condition);
      }
    }
    ordered.addAll(all.values());
    return ordered;
  }

  private static Condition since(@Nullable Condition held, Condition next) {
    return held == null || !Objects.equals(held.status(), next.status())
        ? next
        : new Condition(
            next.type(),
            next.status(),
            next.reason(),
            next.message(),
            held.lastTransitionTime(),
            next.observedGeneration());
  }
}
