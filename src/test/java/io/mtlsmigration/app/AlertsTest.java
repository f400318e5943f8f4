// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Holds the alerts to the catalogue of metrics, to their page, and to each other: an alert about a
 * metric that is called otherwise never fires, and nobody notices. That they fire when they should
 * is for {@code make promql-test}. Dashboards are held to the catalogue, too; that they show
 * something is for {@code make kit-test}.
 */
final class AlertsTest {

  private static final Path RULES = Path.of("docs/alerts.rules.yaml");
  private static final Path COMPONENT = Path.of("k8s/components/alerts/prometheus-rule.yaml");
  private static final Path TESTS = Path.of("src/test/promql/alerts.yaml");
  private static final Path PAGE = Path.of("docs/alerts.md");

  /** A metric of the service's own with the labels that are asked for. */
  private static final Pattern SELECTOR =
      Pattern.compile("\\b(mtls_migration_[a-z_]+)(?:\\{([^}]*)})?");

  private static final Pattern MATCHER = Pattern.compile("(\\w+)(=~|!~|!=|=)\"([^\"]*)\"");

  private JsonNode rules;

  @BeforeEach
  void read() throws IOException {
    rules = yaml(RULES).at("/groups/0/rules");
    assertTrue(rules.size() > 10, "only " + rules.size() + " alerts");
  }

  @Test
  void askOnlyForWhatTheServiceTells() {
    assertKnown(rules.findValuesAsText("expr"), rules.size());
  }

  @Test
  void dashboardsAskOnlyForWhatTheServiceTells() throws IOException {
    List<String> expressions = Dashboards.expressions();

    assertKnown(expressions, expressions.size() / 2);
  }

  private static void assertKnown(List<String> expressions, int atLeast) {
    List<String> wrong = new ArrayList<>();
    int selectors = 0;

    for (String expression : expressions) {
      Matcher selector = SELECTOR.matcher(expression);
      while (selector.find()) {
        selectors++;
        wrong.addAll(wrong(selector.group(1), Optional.ofNullable(selector.group(2)).orElse("")));
      }
    }

    assertEquals(List.of(), wrong);
    assertTrue(selectors > atLeast, "only " + selectors + " selectors were found");
  }

  private static List<String> wrong(String name, String matchers) {
    Optional<Metric> metric =
        Arrays.stream(Metric.values()).filter(known -> names(known).contains(name)).findFirst();
    if (metric.isEmpty()) {
      return List.of(name + " is no metric");
    }
    List<String> wrong = new ArrayList<>();
    Matcher matcher = MATCHER.matcher(matchers);
    while (matcher.find()) {
      String label = matcher.group(1);
      for (String value : matcher.group(3).split("\\|", -1)) {
        if (!value.startsWith("$")
            && metric.get().labels().stream()
                .noneMatch(l -> l.name().equals(label) && l.takes(value))) {
          wrong.add(name + " has no " + label + " called " + value);
        }
      }
    }
    return wrong;
  }

  private static Set<String> names(Metric metric) {
    String name = metric.prometheusName();
    return metric.type() == Metric.Type.TIMER
        ? Set.of(name + "_count", name + "_sum", name + "_max")
        : Set.of(name);
  }

  @Test
  void groupByLabelsThatThereAre() {
    Set<String> known = new TreeSet<>(Set.of("namespace", "job"));
    for (Metric metric : Metric.values()) {
      metric.labels().forEach(label -> known.add(label.name()));
    }
    Pattern grouping = Pattern.compile("\\b(?:by|on) \\(([^)]*)\\)");
    Pattern shown = Pattern.compile("\\$labels\\.(\\w+)");

    for (JsonNode rule : rules) {
      Matcher by = grouping.matcher(rule.path("expr").asText());
      Set<String> kept = new TreeSet<>();
      while (by.find()) {
        kept.addAll(List.of(by.group(1).split(", ")));
      }
      assertTrue(known.containsAll(kept), () -> kept + " in " + rule.path("alert"));
      Matcher label = shown.matcher(rule.path("annotations").toString());
      while (label.find()) {
        assertTrue(kept.contains(label.group(1)), label.group() + " in " + rule.path("alert"));
      }
    }
  }

  @Test
  void sayWhatHappensAndWhereToReadOn() throws IOException {
    String page = Files.readString(PAGE);
    Set<String> severities = Set.of("critical", "warning", "info");

    for (JsonNode rule : rules) {
      String alert = rule.path("alert").asText();
      JsonNode annotations = rule.path("annotations");
      assertFalse(annotations.path("summary").asText().isBlank(), alert);
      assertFalse(annotations.path("description").asText().isBlank(), alert);
      assertEquals(
          "docs/alerts.md#" + alert.toLowerCase(Locale.ROOT), annotations.path("runbook").asText());
      assertTrue(annotations.path("runbook_url").isMissingNode(), "a path is no URL");
      assertTrue(page.contains("\n## " + alert + "\n"), () -> PAGE + " has nothing about " + alert);
      assertTrue(severities.contains(rule.at("/labels/severity").asText()), alert);
    }
    assertEquals(rules.size(), page.split("\n## ", -1).length - 1, "the page knows more alerts");
  }

  /** Each names the dashboard that shows its metrics, if there is one. */
  @Test
  void leadToADashboardThatShowsTheirMetrics() throws IOException {
    Map<String, String> boards = Dashboards.byUid();
    for (JsonNode rule : rules) {
      String alert = rule.path("alert").asText();
      List<String> metrics =
          SELECTOR
              .matcher(rule.path("expr").asText())
              .results()
              .map(metric -> metric.group(1))
              .toList();
      Set<String> showing = new TreeSet<>();
      boards.forEach(
          (uid, expressions) -> {
            if (metrics.stream().allMatch(expressions::contains)) {
              showing.add("/d/" + uid);
            }
          });
      String named = rule.at("/annotations/dashboard").asText();
      assertEquals(showing.isEmpty(), named.isEmpty(), alert);
      assertTrue(named.isEmpty() || showing.contains(named), () -> alert + ": " + showing);
    }
  }

  @Test
  void eachCauseOfAnUnhealthyLockIsExplained() throws IOException {
    List<String> causes = Metric.LOCKED_UNHEALTHY.labels().getFirst().values();
    String page = Files.readString(PAGE);
    String alert = page.substring(page.indexOf("\n## MtlsMigrationLockedUnhealthy\n") + 1);
    String section = alert.substring(0, alert.indexOf("\n## "));
    String panels = String.join("\n", Dashboards.descriptions());

    assertEquals(
        List.of(),
        causes.stream().filter(cause -> !section.contains("\n- `" + cause + "`: ")).toList(),
        PAGE + " explains all but these");
    assertEquals(
        List.of(),
        causes.stream().filter(cause -> !panels.contains(cause + ": ")).toList(),
        "the dashboard explains all but these");
  }

  @Test
  void areTheSameForTheOperator() throws IOException {
    assertEquals(yaml(RULES).path("groups"), yaml(COMPONENT).at("/spec/groups"));
  }

  @Test
  void areEachTestedWhereTheyFireAndWhereNot() throws IOException {
    Set<String> fire = new TreeSet<>();
    Set<String> quiet = new TreeSet<>();
    for (JsonNode test : yaml(TESTS).path("tests")) {
      for (JsonNode alert : test.path("alert_rule_test")) {
        boolean fires = !alert.path("exp_alerts").isEmpty();
        (fires ? fire : quiet).add(alert.path("alertname").asText());
      }
    }

    Set<String> all = new TreeSet<>();
    rules.forEach(rule -> all.add(rule.path("alert").asText()));
    assertEquals(all, fire);
    assertEquals(all, quiet);
  }

  private static JsonNode yaml(Path file) throws IOException {
    return new YAMLMapper().readTree(file.toFile());
  }
}
