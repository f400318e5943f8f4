// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.app.analyse.ManifestFiles.FileLine;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Prints an analysis as SARIF 2.1.0. The location of a result is the beginning of its object; an
 * object in no file has a logical location only.
 */
final class AnalysisSarif {

  private final ArrayNode results = JsonNodeFactory.instance.arrayNode();
  private final Map<String, String> rules = new TreeMap<>();

  private AnalysisSarif() {}

  static ObjectNode of(Report report) {
    AnalysisSarif sarif = new AnalysisSarif();
    AnalysisResult.of(report).forEach(sarif::add);
    return sarif.document(report.version());
  }

  private ObjectNode document(String version) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    document.put("version", "2.1.0");
    ObjectNode run = document.putArray("runs").addObject();
    ObjectNode driver = run.putObject("tool").putObject("driver");
    driver.put("name", "mtls-migration").put("version", version);
    ArrayNode named = driver.putArray("rules");
    rules.forEach(
        (id, help) -> {
          ObjectNode rule = named.addObject().put("id", id);
          if (!help.isEmpty()) {
            rule.put("helpUri", help);
          }
        });
    run.set("results", results);
    return document;
  }

  private void add(AnalysisResult result) {
    rules.putIfAbsent(result.rule(), result.help());
    String level =
        switch (result.severity()) {
          case BLOCKER -> "error";
          case WARNING -> "warning";
          case INFO -> "note";
        };
    locate(result(result.rule(), level, result.message()), result.place(), result.subject());
  }

  private ObjectNode result(String rule, String level, String message) {
    ObjectNode result = results.addObject().put("ruleId", rule).put("level", level);
    result.putObject("message").put("text", message);
    return result;
  }

  /** Returns a relative reference (RFC 3986), in which even a colon or a letter beyond ASCII is. */
  private static String uri(String file) {
    return URLEncoder.encode(file, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
  }

  private static void locate(ObjectNode result, @Nullable FileLine place, String name) {
    ObjectNode location = result.putArray("locations").addObject();
    if (place != null) {
      ObjectNode physical = location.putObject("physicalLocation");
      physical.putObject("artifactLocation").put("uri", uri(place.file()));
      physical.putObject("region").put("startLine", place.line());
    }
    if (!name.isEmpty()) {
      location.putArray("logicalLocations").addObject().put("fullyQualifiedName", name);
    }
  }
}
