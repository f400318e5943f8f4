// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses one answer of Prometheus' query endpoints (prometheus docs, querying/api.md, "Format
 * overview") token by token: the call graph of a large mesh is some hundred thousand series, of
 * which a tree would take half a gigabyte. Repeated label values are kept once.
 */
final class AnswerReader {

  private static final JsonFactory JSON = new JsonFactory();

  private final JsonParser parser;
  private final Map<String, String> texts = new HashMap<>();
  private final List<QueryResult.Series> series = new ArrayList<>();
  private String status = "";
  private String errorType = "unknown";
  private String error = "";
  private @Nullable String warning;

  private AnswerReader(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Parses a body.
   *
   * @throws IOException when it is no JSON
   * @throws NumberFormatException when a sample's value is no number
   */
  static QueryResult read(byte[] body) throws IOException {
    try (JsonParser parser = JSON.createParser(body)) {
      return new AnswerReader(parser).read();
    }
  }

  private QueryResult read() throws IOException {
    if (parser.nextToken() == JsonToken.START_OBJECT) {
      answer();
    }
    if (!status.equals("success")) {
      return new QueryResult.Failed(errorType + ": " + error);
    }
    if (warning != null) {
      return new QueryResult.Failed("the answer is partial: " + warning);
    }
    return new QueryResult.Answer(series);
  }

  private void answer() throws IOException {
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      parser.nextToken();
      switch (field) {
        case "status" -> status = text();
        case "errorType" -> errorType = text();
        case "error" -> error = text();
        case "warnings" -> warnings();
        case "isPartial" -> partial();
        case "data" -> data();
        default -> parser.skipChildren();
      }
    }
  }

  /**
   * Reads the warnings: Thanos and Mimir return a partial answer with a warning when a store was
   * not reached; Prometheus' own remarks on a query begin with "PromQL".
   */
  private void warnings() throws IOException {
    if (opens(JsonToken.START_ARRAY)) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        String said = text();
        if (warning == null && !said.startsWith("PromQL")) {
          warning = said;
        }
      }
    }
  }

  /** Reads the word by which VictoriaMetrics, without a warning, says that a storage is missing. */
  private void partial() throws IOException {
    if (text().equals("true") && warning == null) {
      warning = "isPartial is true: some of what stores the samples did not answer";
    }
  }

  private void data() throws IOException {
    if (!opens(JsonToken.START_OBJECT)) {
      return;
    }
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      parser.nextToken();
      if (field.equals("result") && parser.currentToken() == JsonToken.START_ARRAY) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          one();
        }
      } else {
        parser.skipChildren();
      }
    }
  }

  private void one() throws IOException {
    if (!opens(JsonToken.START_OBJECT)) {
      return;
    }
    Map<String, String> labels = Map.of();
    List<QueryResult.Sample> samples = new ArrayList<>(1);
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      parser.nextToken();
      switch (field) {
        case "metric" -> labels = labels();
        case "value" -> sample(samples);
        case "values" -> samples(samples);
        default -> parser.skipChildren();
      }
    }
    series.add(new QueryResult.Series(labels, samples));
  }

  private Map<String, String> labels() throws IOException {
    Map<String, String> labels = new HashMap<>();
    if (opens(JsonToken.START_OBJECT)) {
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        String value = text();
        String known = texts.putIfAbsent(value, value);
        labels.put(name, known == null ? value : known);
      }
    }
    return labels;
  }

  private void samples(List<QueryResult.Sample> samples) throws IOException {
    if (opens(JsonToken.START_ARRAY)) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        sample(samples);
      }
    }
  }

  /** Reads {@code [1435781430.781, "1"]}; a text value, since JSON has neither NaN nor Inf. */
  private void sample(List<QueryResult.Sample> samples) throws IOException {
    if (!opens(JsonToken.START_ARRAY)) {
      return;
    }
    parser.nextToken();
    double at = parser.getValueAsDouble();
    parser.nextToken();
    String value = text();
    double number =
        switch (value) {
          case "+Inf" -> Double.POSITIVE_INFINITY;
          case "-Inf" -> Double.NEGATIVE_INFINITY;
          default -> Double.parseDouble(value);
        };
    samples.add(new QueryResult.Sample(at, number));
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      parser.skipChildren();
    }
  }

  /** Returns whether a value of this kind begins here; any other value is skipped. */
  private boolean opens(JsonToken kind) throws IOException {
    if (parser.currentToken() == kind) {
      return true;
    }
    parser.skipChildren();
    return false;
  }

  /** Returns a scalar as text; empty for null and for any other value, which is skipped. */
  private String text() throws IOException {
    parser.skipChildren();
    return parser.getValueAsString("");
  }
}
