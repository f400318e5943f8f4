// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.SidecarScope;
import java.util.ArrayList;
import java.util.List;

/** Reads how a Sidecar resource narrows clients' views and replaces servers' listeners. */
final class SidecarReader {

  private SidecarReader() {}

  static SidecarScope read(ObjectMeta meta, ManifestFields object) {
    IstioVersions.check(object, "v1", "v1beta1", "v1alpha3");
    Binding.ofAllRevisions(object, "Sidecar"); // it is not known which one a pod has then
    ManifestFields spec = object.object("spec");
    List<String> hosts = new ArrayList<>();
    spec.objects("egress").forEach(listener -> hosts.addAll(listener.texts("hosts")));
    List<Integer> tlsPorts = new ArrayList<>();
    for (ManifestFields listener : spec.objects("ingress")) {
      if (listener.has("tls")) {
        tlsPorts.add(listener.object("port").port("number"));
      }
    }
    return new SidecarScope(
        meta,
        spec.object("workloadSelector").strings("labels"),
        hosts,
        // REGISTRY_ONLY is the value of a policy without a mode.
        spec.has("outboundTrafficPolicy")
            ? !spec.object("outboundTrafficPolicy").text("mode", "").equals("ALLOW_ANY")
            : null,
        !spec.objects("ingress").isEmpty(),
        tlsPorts);
  }
}
