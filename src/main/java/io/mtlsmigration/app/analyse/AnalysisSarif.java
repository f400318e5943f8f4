// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.api.ManifestAnalysis;
import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.api.view.Ref;
import io.mtlsmigration.app.analyse.ManifestFiles.FileLine;
import io.mtlsmigration.manifest.ManifestProblem;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Prints an analysis as SARIF 2.1.0. The location of a result is the beginning of its object; an
 * object in no file has a logical location only.
 */
final class AnalysisSarif {

  private static final String BREAKS = "CALL_BREAKS_UNDER_STRICT";
  private static final String UNREADABLE = "UNREADABLE";

  private final Report report;
  private final ArrayNode results = JsonNodeFactory.instance.arrayNode();
  private final Map<String, String> rules = new TreeMap<>();

  private AnalysisSarif(Report report) {
    this.report = report;
  }

  static ObjectNode of(Report report) {
    AnalysisSarif sarif = new AnalysisSarif(report);
    report.analysis().findings().forEach(sarif::finding);
    report.breaks().forEach(sarif::call);
    report.problems().forEach(sarif::problem);
    return sarif.document();
  }

  private ObjectNode document() {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    document.put("version", "2.1.0");
    ObjectNode run = document.putArray("runs").addObject();
    ObjectNode driver = run.putObject("tool").putObject("driver");
    driver.put("name", "mtls-migration").put("version", report.version());
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

  private void finding(FindingView finding) {
    rules.putIfAbsent(finding.code().name(), reference(finding));
    ObjectNode result =
        result(
            finding.code().name(),
            switch (finding.severity()) {
              case BLOCKER -> "error";
              case WARNING -> "warning";
              case INFO -> "note";
            },
            finding.message() + " " + finding.remedy());
    locate(result, report.place(finding.subject()), Report.subject(finding));
  }

  private static String reference(FindingView finding) {
    return finding.references().stream()
        .filter(reference -> reference.startsWith("https://"))
        .findFirst()
        .orElse("");
  }

  private void call(AnalysisView.Call call) {
    rules.put(BREAKS, "");
    String what = ManifestAnalysis.call(call);
    Ref service = new Ref("Service", call.to().namespace(), call.to().service());
    locate(
        result(BREAKS, "error", "STRICT for the whole mesh would break " + what),
        report.place(service),
        what);
  }

  private void problem(ManifestProblem problem) {
    rules.put(UNREADABLE, "");
    locate(
        result(UNREADABLE, "error", problem.message()),
        new FileLine(problem.source(), Math.max(1, problem.line())),
        problem.pointer());
  }

  private ObjectNode result(String rule, String level, String message) {
    ObjectNode result = results.addObject().put("ruleId", rule).put("level", level);
    result.putObject("message").put("text", message);
    return result;
  }

  private static String uri(String file) {
    return file.replace("%", "%25").replace(" ", "%20");
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
