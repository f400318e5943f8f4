// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.e2e.SandboxProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus gets from the packaged service. */
@Tag("packaged")
final class MetricsIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern SERIES =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]+)=\"([^\"]*)\"");

  @TempDir Path folder;

  /** One scrape. */
  private record Scrape(Map<String, String> types, Map<String, Map<String, String>> series) {

    static Scrape of(SandboxProcess service) {
      Map<String, String> types = new TreeMap<>();
      Map<String, Map<String, String>> series = new TreeMap<>();
      given()
          .get(service.management().resolve("/q/metrics"))
          .asString()
          .lines()
          .forEach(
              line -> {
                Matcher type = TYPE.matcher(line);
                Matcher one = SERIES.matcher(line);
                if (type.matches()) {
                  types.put(type.group(1), type.group(2));
                } else if (one.matches()) {
                  Map<String, String> labels = new TreeMap<>();
                  Matcher label = LABEL.matcher(one.group(2) == null ? "" : one.group(2));
                  while (label.find()) {
                    labels.put(label.group(1), label.group(2));
                  }
                  labels.put("", one.group(1));
                  series.put(line.substring(0, line.lastIndexOf(' ')), labels);
                }
              });
      return new Scrape(types, series);
    }

    Set<String> ours() {
      return series.keySet().stream()
          .filter(name -> name.startsWith("mtls_migration_"))
          .collect(Collectors.toCollection(TreeSet::new));
    }

    Set<String> values(String metric, String label) {
      return series.values().stream()
          .filter(labels -> labels.get("").equals(metric) && labels.containsKey(label))
          .map(labels -> labels.get(label))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private SandboxProcess service(int namespaces) {
    return SandboxProcess.start(
        folder.resolve(namespaces + ".log"),
        Map.of("mtls-migration.demo.narrate", "false"),
        "--generate",
        "namespaces=" + namespaces + ",pods=1");
  }

  private static void run(SandboxProcess service, String plan) {
    service
        .http()
        .header("Content-Type", "application/json")
        .body("{\"name\": \"" + plan + "\", \"target\": \"MESH\"}")
        .post("/plans")
        .then()
        .statusCode(201);
    service.http().post("/plans/" + plan + "/start").then().statusCode(202);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                Scrape.of(service).values("mtls_migration_steps", "phase").contains("OBSERVING")
                    || Scrape.of(service)
                        .values("mtls_migration_steps", "phase")
                        .contains("BLOCKED"));
  }

  private static void call(SandboxProcess service) {
    for (int i = 1; i <= 30; i++) {
      service.http().get("/namespaces/ns-" + i);
      service.http().get("/namespaces/none-" + i + "/readiness");
      service.http().get("/plans/none-" + i);
      service.http().get("/nowhere/" + i);
      service.http().post("/namespaces/none-" + i);
      service.http().options("/namespaces/none-" + i);
      service.http().header("Accept", "image/png").get("/namespaces/some-" + i);
      service.http().get("/namespaces/x" + i + "?unknown=1");
      service.http().header("Content-Type", "text/plain").body("x").put("/plans/other-" + i);
      given().get(service.address().resolve("/page-" + i));
    }
  }

  @Test
  void publishesWhatTheCatalogueSaysAndNoMoreForAThousandNamespacesThanForTen() throws IOException {
    Scrape few;
    Scrape many;
    try (SandboxProcess service = service(10)) {
      run(service, "all");
      call(service);
      few = Scrape.of(service);
      assertFalse(service.log().contains("already registered"), service::log);
    }
    try (SandboxProcess service = service(1000)) {
      run(service, "all");
      call(service);
      many = Scrape.of(service);
    }

    assertDescribed(few);
    assertDescribed(many);
    assertTrue(many.ours().size() < 250, many.ours().toString());
    // Which phases and outcomes have been seen is a matter of time, not of size.
    Set<String> grown = new TreeSet<>(many.ours());
    grown.removeAll(few.ours());
    grown.removeIf(name -> name.matches("mtls_migration_(steps|probes|ticks|policy).*"));
    assertEquals(Set.of(), grown);
    Set<String> shown = new TreeSet<>(Dashboards.metrics());
    // Held to the catalogue by AlertsTest; not each of them comes up here.
    shown.removeIf(name -> name.startsWith("mtls_migration_"));
    assertFalse(shown.isEmpty());
    many.series().values().forEach(labels -> shown.remove(labels.get("")));
    assertEquals(Set.of(), shown, "dashboards show what the service does not publish");
    for (Scrape scrape : Set.of(few, many)) {
      Set<String> uris = scrape.values("http_server_requests_seconds_count", "uri");
      assertTrue(uris.contains("/api/v1/namespaces/{namespace}"), uris.toString());
      assertTrue(
          uris.stream().noneMatch(uri -> uri.matches(".*-?[0-9]+$")), "paths as called: " + uris);
    }
  }

  /** Each family is in the catalogue, with its type and labels, and within its bound. */
  private static void assertDescribed(Scrape scrape) {
    Map<String, Metric> catalogue =
        Arrays.stream(Metric.values())
            .collect(Collectors.toMap(Metric::prometheusName, metric -> metric));
    scrape
        .series()
        .forEach(
            (name, labels) -> {
              if (!name.startsWith("mtls_migration_")) {
                return;
              }
              String family = labels.get("").replaceFirst("_(count|sum|max)$", "");
              Metric metric = catalogue.get(family);
              assertTrue(metric != null, family + " is not in the catalogue");
              Set<String> expected =
                  metric.labels().stream()
                      .map(Metric.Label::name)
                      .collect(Collectors.toCollection(TreeSet::new));
              expected.add("");
              assertEquals(expected, labels.keySet(), name);
            });
    catalogue.forEach(
        (family, metric) -> {
          long count =
              scrape.series().values().stream()
                  .filter(
                      labels -> labels.get("").replaceFirst("_(count|sum|max)$", "").equals(family))
                  .count();
          assertTrue(count <= metric.atMost(), family + " has " + count + " series");
          String type =
              scrape
                  .types()
                  .get(
                      metric.type() == Metric.Type.COUNTER
                          ? family.replaceFirst("_total$", "")
                          : family);
          String typed = type == null ? scrape.types().get(family) : type;
          assertTrue(
              typed == null || typed.equals(metric.type().prometheus()), family + " is a " + typed);
        });
    Set<String> shown =
        scrape.series().values().stream()
            .map(labels -> labels.get("").replaceFirst("_(count|sum|max)$", ""))
            .collect(Collectors.toSet());
    Set<String> missing = new TreeSet<>(catalogue.keySet());
    missing.removeAll(shown);
    // These need Prometheus, a pod with curl, a hook, a lock, and a receiver of notices.
    missing.removeAll(
        Set.of(
            Metric.PROBES.prometheusName(),
            Metric.EVIDENCE_READINGS.prometheusName(),
            Metric.PROMETHEUS_QUERIES.prometheusName(),
            Metric.HOOK_CALLS.prometheusName(),
            Metric.NOTICES.prometheusName(),
            Metric.NOTICES_WAITING.prometheusName(),
            Metric.POLICY_WRITES.prometheusName()));
    assertEquals(Set.of(), missing);
  }
}
