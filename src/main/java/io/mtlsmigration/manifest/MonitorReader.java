// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.Monitor;
import io.mtlsmigration.mesh.ObjectRef;
import java.util.ArrayList;
import java.util.List;

/** Reads the scrape targets of Prometheus' operator. */
final class MonitorReader {

  private MonitorReader() {}

  static Monitor read(ObjectRef ref, ManifestFields spec) {
    List<Monitor.Endpoint> endpoints = new ArrayList<>();
    String list = ref.kind().equals("PodMonitor") ? "podMetricsEndpoints" : "endpoints";
    for (ManifestFields endpoint : spec.objects(list)) {
      ManifestFields tls = endpoint.object("tlsConfig");
      String number = endpoint.has("portNumber") ? endpoint.portOrName("portNumber", "") : "";
      endpoints.add(
          new Monitor.Endpoint(
              endpoint.text("port", ""),
              number.isEmpty() ? endpoint.portOrName("targetPort", "") : number,
              tls.has("certFile") || tls.has("cert")));
    }
    return new Monitor(
        ref, LabelSelectorReader.read(spec.object("selector")), namespaces(ref, spec), endpoints);
  }

  private static List<String> namespaces(ObjectRef ref, ManifestFields spec) {
    ManifestFields selector = spec.object("namespaceSelector");
    if (selector.flag("any")) {
      return List.of();
    }
    List<String> names = selector.texts("matchNames");
    return names.isEmpty() ? List.of(ref.namespace()) : names;
  }
}
