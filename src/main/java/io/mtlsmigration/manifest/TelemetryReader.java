// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.AccessLogFormats;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Telemetry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the changes of a Telemetry resource to the metrics and logs by which plaintext is detected.
 */
final class TelemetryReader {

  private static final String PROMETHEUS = "prometheus";

  /** By which plaintext is found, and, the last five, by which a scrape says whose a series is. */
  private static final Set<String> LABELS =
      Set.of(
          "connection_security_policy",
          "reporter",
          "destination_workload",
          "destination_workload_namespace",
          "namespace",
          "kubernetes_namespace",
          "pod",
          "pod_name",
          "kubernetes_pod_name");

  /** The longest time after which a count is one of now, as between two scrapes. */
  private static final Duration PROMPT = Duration.ofSeconds(30);

  /** Open connections are those that were opened and are not closed. */
  private static final String CLOSED = "TCP_CLOSED_CONNECTIONS";

  /** Istio's metrics by their names in Prometheus, which a custom metric may have as well. */
  private static final Map<String, String> BY_NAME =
      Map.of(
          "requests_total", "REQUEST_COUNT",
          "tcp_connections_opened_total", "TCP_OPENED_CONNECTIONS",
          "tcp_connections_closed_total", CLOSED,
          "tcp_received_bytes_total", "TCP_RECEIVED_BYTES",
          "tcp_sent_bytes_total", "TCP_SENT_BYTES");

  private TelemetryReader() {}

  static Telemetry read(ObjectRef ref, ManifestFields object, Instant createdAt) {
    IstioVersions.check(object, "v1", "v1alpha1");
    ManifestFields spec = object.object("spec");
    List<Telemetry.Change> overrides = new ArrayList<>();
    List<Telemetry.Change> others = new ArrayList<>();
    Boolean prometheus = null;
    for (ManifestFields metrics : spec.objects("metrics")) {
      List<String> providers = providers(metrics);
      if (!providers.isEmpty()) {
        prometheus = providers.contains(PROMETHEUS);
      }
      // without providers they are those before
      List<Telemetry.Change> of = Boolean.FALSE.equals(prometheus) ? others : overrides;
      metrics.objects("overrides").forEach(each -> add(of, each));
      if (late(metrics)) {
        of.add(new Telemetry.Change("TCP_OPENED_CONNECTIONS", null, true));
      }
    }
    return new Telemetry(
        ref,
        MetaReader.createdAt(object.object("metadata"), createdAt),
        Binding.revision(object),
        spec.object("selector").strings("matchLabels"),
        Binding.attached(spec),
        overrides,
        others,
        prometheus,
        logging(spec.objects("accessLogging")));
  }

  /**
   * Returns whether open TCP connections, and what goes over them, are counted long afterwards
   * (istio_stats.cc, report_duration_).
   */
  private static boolean late(ManifestFields metrics) {
    return GoDuration.of(metrics.text("reportingInterval", "5s"))
        .map(interval -> interval.compareTo(PROMPT) > 0)
        .orElse(true);
  }

  private static List<String> providers(ManifestFields of) {
    return of.objects("providers").stream().map(p -> p.text("name", "")).toList();
  }

  private static boolean ofClients(ManifestFields match) {
    return match.text("mode", "").equals("CLIENT");
  }

  private static void add(List<Telemetry.Change> overrides, ManifestFields override) {
    ManifestFields match = override.object("match");
    if (ofClients(match)) {
      return;
    }
    Boolean disabled = override.has("disabled") ? override.flag("disabled") : null;
    String metric =
        match.has("customMetric")
            ? BY_NAME.getOrDefault(match.text("customMetric", ""), "")
            : match.text("metric", "");
    ManifestFields tags = override.object("tagOverrides");
    boolean untold = LABELS.stream().anyMatch(tags::has);
    if (metric.isEmpty() && !match.has("customMetric")) {
      Telemetry.Change.COUNTED.forEach(
          each -> overrides.add(new Telemetry.Change(each, disabled, untold)));
    } else if (metric.equals(Telemetry.Change.ALL)
        || Telemetry.Change.COUNTED.contains(metric)
        || (untold && metric.equals(CLOSED))) {
      overrides.add(new Telemetry.Change(metric, disabled, untold));
    }
  }

  /**
   * Returns what becomes of the lines of servers. A provider beside Istio's own may have a filter;
   * one that replaces it has to be without.
   */
  private static Telemetry.Logging logging(List<ManifestFields> all) {
    Telemetry.Logging logging = Telemetry.Logging.INHERITED;
    Set<String> whole = new HashSet<>();
    for (ManifestFields one : all) {
      if (ofClients(one.object("match"))) {
        continue;
      }
      List<String> providers = providers(one);
      boolean off = one.has("disabled") && one.flag("disabled");
      if (off || one.object("filter").has("expression")) {
        if (providers.isEmpty()
            || providers.contains(AccessLogFormats.BUILT_IN)
            || !whole.contains(AccessLogFormats.BUILT_IN)) {
          logging = Telemetry.Logging.IN_PART;
        }
      } else if (providers.contains(AccessLogFormats.BUILT_IN)
          || (!providers.isEmpty() && logging.calls() != Telemetry.Logging.Calls.IN_PART)) {
        whole.addAll(providers);
        logging = Telemetry.Logging.whole(whole);
      }
    }
    return logging;
  }
}
