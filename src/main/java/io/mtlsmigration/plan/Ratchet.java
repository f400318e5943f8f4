// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The policy that keeps locked namespaces locked: PeerAuthentications that would make them weaker
 * than STRICT are refused. In a cluster the API server enforces it, by the policy in {@code
 * ratchet/policy.yaml}, which reads these entries in a ConfigMap; {@link #refusal} gives the same
 * answer where there is no API server.
 *
 * @param entries by namespace, {@code STRICT} or {@code OPEN}; after {@code STRICT}, one line for
 *     each agreed exception: container port, or {@code *}, and the labels of its pods. {@link
 *     #MESH} stands for the root namespace, and for all that are not listed; {@link #ROOT} names it
 */
public record Ratchet(NavigableMap<String, String> entries) {

  /** The name of the ConfigMap, the policy and its binding. */
  public static final String NAME = "mtls-migration-ratchet";

  /** The entry of the mesh; no namespace can have this name. */
  public static final String MESH = "_mesh";

  public static final String ROOT = "_root";

  public static final String OPEN = "OPEN";
  private static final String STRICT = "STRICT";
  private static final String ALL_PORTS = "*";

  public Ratchet {
    entries = Collections.unmodifiableNavigableMap(new TreeMap<>(entries));
  }

  public static Ratchet of(Map<String, String> entries) {
    return new Ratchet(new TreeMap<>(entries));
  }

  /**
   * Returns the ratchet for the current state of a mesh.
   *
   * @param locked namespaces that are locked, with the exceptions of their plans
   * @param open namespaces that stay open, whatever the mesh-wide policy says
   * @param mesh whether the mesh's own policy is locked
   */
  public static Ratchet of(
      String rootNamespace,
      Map<String, List<PolicyException>> locked,
      Collection<String> open,
      boolean mesh) {
    NavigableMap<String, String> entries = new TreeMap<>();
    entries.put(ROOT, rootNamespace);
    if (mesh) {
      entries.put(MESH, STRICT);
      open.forEach(namespace -> entries.put(namespace, OPEN));
    }
    locked.forEach((namespace, exceptions) -> entries.put(namespace, entry(exceptions)));
    return new Ratchet(entries);
  }

  private static String entry(List<PolicyException> exceptions) {
    TreeSet<String> lines = new TreeSet<>();
    for (PolicyException exception : exceptions) {
      if (!exception.selector().isEmpty()) {
        Integer port = exception.port();
        lines.add(
            (port == null ? ALL_PORTS : port.toString())
                + new TreeMap<>(exception.selector())
                    .entrySet().stream()
                        .map(label -> " " + label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining()));
      }
    }
    return lines.isEmpty() ? STRICT : STRICT + "\n" + String.join("\n", lines);
  }

  /** Returns the key of the entry to lift for a namespace, root or not. */
  public static String key(String namespace, String rootNamespace) {
    return namespace.equals(rootNamespace) ? MESH : namespace;
  }

  /**
   * Returns whether the ratchet holds a namespace, or the mesh.
   *
   * @param key a namespace that is not the root, or {@link #MESH}
   */
  public boolean holds(String key) {
    return entry(key).startsWith(STRICT);
  }

  /** Returns the namespaces that are held by name, and {@link #MESH}, in their order. */
  public List<String> held() {
    return keys(true);
  }

  /** Returns the namespaces that are listed and not held. */
  public List<String> lifted() {
    return keys(false);
  }

  private List<String> keys(boolean held) {
    return entries.keySet().stream()
        .filter(key -> !key.equals(ROOT) && holds(key) == held)
        .toList();
  }

  /** Returns the agreed exceptions of a namespace, one a line: port, or {@code *}, and labels. */
  public List<String> exceptions(String key) {
    return entry(key).lines().skip(1).toList();
  }

  /** Returns a copy with one entry lifted. */
  public Ratchet lifted(String key) {
    NavigableMap<String, String> next = new TreeMap<>(entries);
    next.put(key, OPEN);
    return new Ratchet(next);
  }

  private String entry(String key) {
    String own = entries.get(key);
    return own == null ? entries.getOrDefault(MESH, OPEN) : own;
  }

  /**
   * Returns why a write is refused; empty when it is allowed.
   *
   * @param before null for a create
   * @param after null for a delete
   */
  public Optional<String> refusal(
      String namespace, String name, @Nullable Spec before, @Nullable Spec after) {
    boolean root = namespace.equals(entries.get(ROOT));
    String key = root ? MESH : namespace;
    if (!holds(key)) {
      return Optional.empty();
    }
    boolean enclosed = holds(MESH) && !root;
    String what = null;
    if (after != null && !after.equals(before)) {
      what = mode(after, key, root, enclosed);
      what = what == null && !root ? ports(after, key) : what;
    }
    if (what == null && !enclosed && heldTheScope(before) && givesUpTheScope(after)) {
      what = ", which holds it there, would go";
    }
    return Optional.ofNullable(what)
        .map(
            why ->
                NAME
                    + " denied request: "
                    + namespace
                    + " is locked to STRICT, and PeerAuthentication "
                    + name
                    + why
                    + "; exempt or roll back by mtls-migration, or set "
                    + key
                    + " to OPEN in the ratchet");
  }

  private @Nullable String mode(Spec spec, String key, boolean root, boolean enclosed) {
    boolean workload = !spec.selector().isEmpty();
    boolean fine =
        switch (spec.mode()) {
          case STRICT -> true;
          case UNSET -> workload || enclosed;
          case PERMISSIVE -> workload && (root || agreed(spec, key, ALL_PORTS));
          case DISABLE -> workload && root;
        };
    return fine ? null : " has the weaker mode " + spec.mode();
  }

  private @Nullable String ports(Spec spec, String key) {
    if (spec.selector().isEmpty()) {
      return null;
    }
    Map<Integer, MtlsMode> weak = new HashMap<>(spec.portModes());
    weak.values().removeIf(mode -> mode == MtlsMode.STRICT || mode == MtlsMode.UNSET);
    weak.entrySet()
        .removeIf(
            port ->
                port.getValue() == MtlsMode.PERMISSIVE
                    && agreed(spec, key, port.getKey().toString()));
    return weak.isEmpty() ? null : " opens ports " + new TreeSet<>(weak.keySet());
  }

  /** Returns whether an exception of all ports, or of this one, covers all pods of the policy. */
  private boolean agreed(Spec spec, String key, String port) {
    return exceptions(key).stream()
        .map(line -> List.of(line.split(" ")))
        .filter(parts -> parts.getFirst().equals(ALL_PORTS) || parts.getFirst().equals(port))
        .anyMatch(parts -> LabelSelector.containsAll(spec.selector(), labels(parts)));
  }

  private static Map<String, String> labels(List<String> parts) {
    Map<String, String> labels = new HashMap<>();
    for (String part : parts.subList(1, parts.size())) {
      int equals = part.indexOf('=');
      labels.put(part.substring(0, equals), part.substring(equals + 1));
    }
    return labels;
  }

  private static boolean heldTheScope(@Nullable Spec before) {
    return before != null && before.mode() == MtlsMode.STRICT && before.selector().isEmpty();
  }

  private static boolean givesUpTheScope(@Nullable Spec after) {
    return after == null || !after.selector().isEmpty();
  }
}
