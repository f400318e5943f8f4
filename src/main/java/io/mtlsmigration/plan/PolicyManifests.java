// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.plan.PolicyChange.Purpose;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes in portions that may be merged one after the other, for those who write policies from a
 * repository. Within a portion exceptions come before the STRICT that they soften.
 */
public final class PolicyManifests {

  private static final String EXEMPT = "exempt";

  /** Ends the name of a portion that takes DISABLE to PERMISSIVE. */
  public static final String ENABLE = "-enable";

  private PolicyManifests() {}

  /**
   * One portion.
   *
   * @param name see {@link #ofWave}, {@code exempt} or {@code mesh}; with {@code -enable} behind it
   *     for what takes DISABLE to PERMISSIVE, which must be in force before the portion of the same
   *     name without it is merged
   * @param changes whole objects, in order; {@code after} is null for an object that goes
   */
  public record Portion(String name, List<PolicyChange> changes) {
    public Portion {
      changes = List.copyOf(changes);
    }
  }

  /**
   * Splits a plan's writes by wave: the waves in their order, then namespaces that stay open, then
   * the mesh. Portions without a write are left out.
   */
  public static List<Portion> byWave(
      List<Wave> waves, List<PolicyChange> changes, String rootNamespace) {
    Map<String, String> waveOf = new HashMap<>();
    Map<String, List<PolicyChange>> portions = new LinkedHashMap<>();
    for (Wave wave : waves) {
      wave.namespaces().forEach(namespace -> waveOf.put(namespace, ofWave(wave)));
      open(portions, ofWave(wave));
    }
    open(portions, EXEMPT);
    open(portions, StepName.MESH);
    for (PolicyChange change : changes) {
      String portion = name(waveOf, change.ref().namespace(), change.purpose(), rootNamespace);
      portions.computeIfAbsent(portion, p -> new ArrayList<>()).add(change);
    }
    return portions.entrySet().stream()
        .filter(portion -> !portion.getValue().isEmpty())
        .map(portion -> new Portion(portion.getKey(), portion.getValue()))
        .toList();
  }

  /**
   * The wave's name. A wave may be called like another portion; it is prefixed then, or the mesh
   * would be locked with the namespaces of that wave.
   */
  public static String ofWave(Wave wave) {
    String name = wave.name();
    boolean taken = name.equals(StepName.MESH) || name.equals(EXEMPT) || name.endsWith(ENABLE);
    return taken ? "wave:" + name : name;
  }

  /**
   * The name of the portion that a write belongs to.
   *
   * @param waveOf the portion of the wave by namespace
   */
  public static String name(
      Map<String, String> waveOf, String namespace, Purpose purpose, String rootNamespace) {
    String name =
        namespace.equals(rootNamespace) ? StepName.MESH : waveOf.getOrDefault(namespace, EXEMPT);
    return purpose == Purpose.ENABLE ? name + ENABLE : name;
  }

  private static void open(Map<String, List<PolicyChange>> portions, String name) {
    portions.putIfAbsent(name + ENABLE, new ArrayList<>());
    portions.putIfAbsent(name, new ArrayList<>());
  }
}
