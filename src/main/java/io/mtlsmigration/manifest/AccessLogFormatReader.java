// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.mtlsmigration.mesh.AccessLogFormats;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the access log formats of a MeshConfig, including those of {@code extensionProviders},
 * which Telemetries select (pilot/pkg/model/telemetry_logging.go).
 */
final class AccessLogFormatReader {

  private static final Set<String> OUTPUTS = Set.of("", "/dev/stdout", "/dev/stderr");

  private final Set<String> texts = new LinkedHashSet<>();
  private final Map<String, String> fields = new HashMap<>();
  private final Set<String> contradictory = new LinkedHashSet<>();
  private final Set<String> providers = new LinkedHashSet<>();

  private AccessLogFormatReader() {}

  static AccessLogFormats read(ManifestFields mesh) {
    AccessLogFormatReader reader = new AccessLogFormatReader();
    String format = mesh.text("accessLogFormat", "").stripTrailing();
    if (mesh.text("accessLogEncoding", "TEXT").equals("JSON")) {
      reader.labels(json(format));
    } else {
      reader.texts.add(format);
    }
    for (ManifestFields provider : mesh.objects("extensionProviders")) {
      if (provider.has("envoyFileAccessLog")) {
        reader.provider(provider.text("name", ""), provider.object("envoyFileAccessLog"));
      }
    }
    reader.fields.keySet().removeAll(reader.contradictory);
    boolean standard = reader.texts.equals(Set.of(""));
    return new AccessLogFormats(
        standard ? List.of() : List.copyOf(reader.texts),
        reader.fields,
        reader.providers,
        reader.byDefault(mesh));
  }

  private boolean byDefault(ManifestFields mesh) {
    List<String> chosen = mesh.object("defaultProviders").texts("accessLogging");
    String file = mesh.text("accessLogFile", "");
    return chosen.isEmpty()
        ? !file.isEmpty() && OUTPUTS.contains(file)
        : chosen.contains(AccessLogFormats.BUILT_IN)
            || chosen.stream().anyMatch(providers::contains);
  }

  private void provider(String name, ManifestFields file) {
    if (!OUTPUTS.contains(file.text("path", ""))) {
      return;
    }
    providers.add(name);
    JsonNode format = file.tree().path("logFormat");
    if (format.path("labels").isObject()) {
      labels(format.path("labels"));
    } else {
      texts.add(format.path("text").asText("").stripTrailing());
    }
  }

  /**
   * Adds the labels of a JSON format. A name that two formats use for different operators is
   * unusable in both.
   */
  private void labels(JsonNode labels) {
    for (Map.Entry<String, JsonNode> label : labels.properties()) {
      String operator = label.getValue().asText("");
      String other = fields.putIfAbsent(label.getKey(), operator);
      if (other != null && !other.equals(operator)) {
        contradictory.add(label.getKey());
      }
    }
  }

  /** Parses a JSON format; istiod ignores one that is no object, and so does this. */
  private static JsonNode json(String format) {
    try {
      return ManifestReader.tree(format, "accessLogFormat", ReadLimits.DEFAULT);
    } catch (ManifestException e) {
      return MissingNode.getInstance();
    }
  }
}
