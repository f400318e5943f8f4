// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Telemetry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the changes of a Telemetry resource to the metrics by which plaintext is detected. */
final class TelemetryReader {

  private static final String PROMETHEUS = "prometheus";
  private static final String POLICY_TAG = "connection_security_policy";

  private static final Set<String> METRICS =
      Set.of(
          Telemetry.Change.ALL,
          "REQUEST_COUNT",
          "TCP_OPENED_CONNECTIONS",
          "TCP_RECEIVED_BYTES",
          "TCP_SENT_BYTES");

  private TelemetryReader() {}

  static Telemetry read(ObjectRef ref, ManifestFields object, Instant createdAt) {
    IstioVersions.check(object, "v1", "v1alpha1");
    ManifestFields spec = object.object("spec");
    List<Telemetry.Change> overrides = new ArrayList<>();
    for (ManifestFields metrics : spec.objects("metrics")) {
      List<String> providers =
          metrics.objects("providers").stream().map(p -> p.text("name", "")).toList();
      if (providers.isEmpty() || providers.contains(PROMETHEUS)) {
        metrics.objects("overrides").forEach(each -> add(overrides, each));
      }
    }
    return new Telemetry(
        ref,
        MetaReader.createdAt(object.object("metadata"), createdAt),
        spec.object("selector").strings("matchLabels"),
        spec.has("targetRef") || spec.has("targetRefs"),
        overrides);
  }

  private static void add(List<Telemetry.Change> overrides, ManifestFields override) {
    ManifestFields match = override.object("match");
    String metric = match.has("customMetric") ? "" : match.text("metric", Telemetry.Change.ALL);
    if (!METRICS.contains(metric) || match.text("mode", "").equals("CLIENT")) {
      return;
    }
    ManifestFields tags = override.object("tagOverrides");
    overrides.add(
        new Telemetry.Change(
            metric,
            override.has("disabled") ? override.flag("disabled") : null,
            tags.has(POLICY_TAG)
                ? tags.object(POLICY_TAG).text("operation", "UPSERT").equals("REMOVE")
                : null));
  }
}
