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
 * What one turn has found out about a plan, to be laid over the conditions that it has. A condition
 * that says what it said before stays as it is, its time included, so that nothing is written.
 */
final class Conditions {

  /** The service works by the spec as it is now. */
  static final String ACCEPTED = "Accepted";

  /** All that the plan wanted is so. */
  static final String READY = "Ready";

  /** The service has something to do for the plan. */
  static final String PROGRESSING = "Progressing";

  /** Something went wrong, and a person has to decide. */
  static final String DEGRADED = "Degraded";

  /** Another plan has something of this one; only while it has. */
  static final String CONFLICT = "Conflict";

  /** The last command by annotation was carried out; only when there was one. */
  static final String COMMANDED = "Commanded";

  /** The plan may go; only while somebody wants it gone. */
  static final String DELETABLE = "Deletable";

  /** Order in which they are listed. */
  private static final List<String> TYPES =
      List.of(ACCEPTED, READY, PROGRESSING, DEGRADED, CONFLICT, COMMANDED, DELETABLE);

  /** Longest message that Kubernetes' own conditions have. */
  private static final int LONGEST = 32_768;

  private final Map<String, @Nullable Condition> found = new LinkedHashMap<>();
  private final String now;
  private final long generation;

  /**
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
