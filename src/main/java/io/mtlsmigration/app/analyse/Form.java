// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.mtlsmigration.api.ManifestAnalysis;
import java.io.UncheckedIOException;

/** The output formats of an analysis. */
public enum Form {
  /** Lines for people and build logs. */
  TEXT,
  /** The answer of {@code POST /analyses}. */
  JSON,
  /** For code scanning. */
  SARIF,
  /** Annotations of GitHub's. */
  GITHUB,
  /** For tools that show test results. */
  JUNIT,
  /** For a comment or a job's summary. */
  MARKDOWN;

  /** The service's format (application.properties). */
  private static final ObjectWriter WRITER =
      JsonMapper.builder()
          .addModules(new Jdk8Module(), new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .build()
          .writerWithDefaultPrettyPrinter();

  String of(Report report) {
    return switch (this) {
      case TEXT ->
          ManifestAnalysis.text(
              report.analysis(), report.problems().stream().map(Object::toString).toList());
      case JSON -> json(report.analysis());
      case SARIF -> json(AnalysisSarif.of(report));
      case GITHUB -> AnalysisGitHub.of(report);
      case JUNIT -> AnalysisJunit.of(report);
      case MARKDOWN -> AnalysisMarkdown.of(report);
    };
  }

  private static String json(Object value) {
    try {
      return WRITER.writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
