// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the Grafana dashboards of {@code k8s/components/grafana} ask Prometheus for. */
final class Dashboards {

  private static final Path FOLDER = Path.of("k8s/components/grafana");
  private static final Pattern SELECTED = Pattern.compile("\\b([a-z_]{5,})\\{");

  private Dashboards() {}

  /** Each PromQL expression, with Grafana's variables in it. */
  static List<String> expressions() throws IOException {
    return texts("expr");
  }

  /** All PromQL expressions of each dashboard, by its uid. */
  static Map<String, String> byUid() throws IOException {
    Map<String, String> boards = new TreeMap<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        JsonNode board = new JsonMapper().readTree(file.toFile());
        boards.put(board.path("uid").asText(), String.join("\n", board.findValuesAsText("expr")));
      }
    }
    return boards;
  }

  /** The words beside the panels. */
  static List<String> descriptions() throws IOException {
    return texts("description");
  }

  private static List<String> texts(String field) throws IOException {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        texts.addAll(new JsonMapper().readTree(file.toFile()).findValuesAsText(field));
      }
    }
    return texts;
  }

  /** Names of the metrics that the service itself has to publish: all but those of Istio. */
  static Set<String> metrics() throws IOException {
    Set<String> names = new TreeSet<>();
    for (String expression : expressions()) {
      Matcher selected = SELECTED.matcher(expression);
      while (selected.find()) {
        names.add(selected.group(1));
      }
    }
    names.removeIf(name -> name.startsWith("istio_"));
    return names;
  }
}
