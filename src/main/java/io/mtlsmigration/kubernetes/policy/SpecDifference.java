// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The difference from a stored {@code spec} to another, as a JSON merge patch (RFC 7396) of the
 * changed fields only. All other stored fields stay as they are, including those unknown to this
 * version.
 */
final class SpecDifference {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final JsonNode stored;
  private final Spec before;
  private final Spec after;
  private final ObjectNode patch = NODES.objectNode();
  private final List<FieldPath> touched = new ArrayList<>();

  /**
   * Computes the difference.
   *
   * @param stored the {@code spec} as the API server holds it; missing when there is none
   * @param before the same as it was read
   * @param foreignMtls true when another manager owns {@code spec.mtls}: then only its mode is
   *     removed, where the whole field would be removed otherwise
   */
  SpecDifference(JsonNode stored, Spec before, Spec after, boolean foreignMtls) {
    this.stored = stored;
    this.before = before;
    this.after = after;
    selector();
    mode(foreignMtls);
    ports();
  }

  /** Returns the {@code spec} of the patch; empty when nothing differs. */
  ObjectNode patch() {
    return patch;
  }

  /** Returns the existing fields that are changed or removed; added fields had no owner. */
  List<FieldPath> touched() {
    return List.copyOf(touched);
  }

  /** Returns every field with a value, all of which a delete removes. */
  static List<FieldPath> all(JsonNode spec) {
    List<FieldPath> leaves = new ArrayList<>();
    leaves(spec, List.of(), leaves);
    return leaves;
  }

  private static void leaves(JsonNode node, List<String> path, List<FieldPath> leaves) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              field -> {
                List<String> next = new ArrayList<>(path);
                next.add(field.getKey());
                leaves(field.getValue(), next, leaves);
              });
    } else if (!path.isEmpty()) {
      leaves.add(new FieldPath(path));
    }
  }

  private void mode(boolean foreignMtls) {
    if (before.mode() == after.mode()) {
      return;
    }
    // Also where the mode is added: a person who wrote `mtls: {}` loses no mode.
    touched.add(FieldPath.MODE);
    if (after.mode() != MtlsMode.UNSET) {
      patch.putObject("mtls").put("mode", after.mode().name());
    } else if (foreignMtls || stored.path("mtls").size() > 1) {
      // Without a mode it is UNSET, as it was for whoever wrote `mtls: {}`.
      patch.putObject("mtls").putNull("mode");
    } else {
      patch.putNull("mtls");
    }
  }

  private void ports() {
    if (before.portModes().equals(after.portModes())) {
      return;
    }
    if (after.portModes().isEmpty()) {
      before.portModes().keySet().forEach(port -> touched.add(port(port)));
      patch.putNull("portLevelMtls");
      return;
    }
    ObjectNode ports = patch.putObject("portLevelMtls");
    new TreeMap<>(before.portModes())
        .keySet()
        .forEach(
            port -> {
              if (!after.portModes().containsKey(port)) {
                touched.add(port(port));
                ports.putNull(key(port));
              }
            });
    new TreeMap<>(after.portModes())
        .forEach(
            (port, mode) -> {
              if (mode == before.portModes().get(port)) {
                return;
              }
              if (before.portModes().containsKey(port)) {
                touched.add(port(port));
              }
              ports.putObject(key(port)).put("mode", mode.name());
            });
  }

  private FieldPath port(int port) {
    return FieldPath.of("portLevelMtls", key(port));
  }

  /** Returns the key under which the port is stored: Istio takes {@code 080} for 80. */
  private String key(int port) {
    var names = stored.path("portLevelMtls").fieldNames();
    while (names.hasNext()) {
      String name = names.next();
      if (name.matches("0*" + port)) {
        return name;
      }
    }
    return Integer.toString(port);
  }

  private void selector() {
    if (before.selector().equals(after.selector())) {
      return;
    }
    if (after.selector().isEmpty()) {
      before.selector().keySet().forEach(label -> touched.add(label(label)));
      patch.putNull("selector");
      return;
    }
    ObjectNode labels = patch.putObject("selector").putObject("matchLabels");
    Map<String, String> gone = new HashMap<>(before.selector());
    new TreeMap<>(after.selector())
        .forEach(
            (label, value) -> {
              String was = gone.remove(label);
              if (!value.equals(was)) {
                labels.put(label, value);
                // An added label narrows the selection of the others, so they are touched as well.
                touched.add(was == null ? FieldPath.of("selector") : label(label));
              }
            });
    new TreeMap<>(gone)
        .keySet()
        .forEach(
            label -> {
              labels.putNull(label);
              touched.add(label(label));
            });
  }

  private static FieldPath label(String label) {
    return FieldPath.of("selector", "matchLabels", label);
  }
}
