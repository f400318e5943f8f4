// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads a PeerAuthentication as strictly as its CRD does: an API server of a newer Istio, or one
 * whose CRD lost its schema, may serve fields that this version cannot judge. A portLevelMtls
 * without a selector is accepted: Istio ignores it, and a hazard says so.
 */
final class PeerAuthenticationReader {

  private static final List<MtlsMode> MODES = List.of(MtlsMode.values());

  private PeerAuthenticationReader() {}

  static PeerAuthentication read(ObjectMeta meta, ManifestFields object) {
    IstioVersions.check(object, "v1", "v1beta1");
    Binding.ofAllRevisions(object, "policy"); // no mode is true of all pods then
    ManifestFields spec = object.object("spec");
    spec.only("selector", "mtls", "portLevelMtls");
    ManifestFields selector = spec.object("selector");
    selector.only("matchLabels");
    Map<String, String> labels = selector.strings("matchLabels");
    ManifestFields written = selector.object("matchLabels");
    labels.forEach((key, value) -> noWildcard(written, key, value));
    return new PeerAuthentication(
        meta, new PeerAuthentication.Spec(labels, mode(spec.object("mtls")), ports(spec)));
  }

  private static void noWildcard(ManifestFields matchLabels, String key, String value) {
    if (key.isEmpty() || key.contains("*") || value.contains("*")) {
      matchLabels.fault(key, "a label must have a key, and no wildcard");
    }
  }

  private static MtlsMode mode(ManifestFields mtls) {
    mtls.only("mode");
    return mtls.constant("mode", MODES).orElse(MtlsMode.UNSET);
  }

  private static Map<Integer, MtlsMode> ports(ManifestFields spec) {
    Map<Integer, MtlsMode> modes = new TreeMap<>();
    ManifestFields written = spec.object("portLevelMtls");
    spec.map("portLevelMtls")
        .forEach(
            (port, mtls) -> {
              MtlsMode mode = mode(mtls);
              int number = port.matches("[0-9]{1,9}") ? Integer.parseInt(port) : 0;
              if (number < 1 || number > 65_535) {
                written.fault(port, "the key must be a port from 1 to 65535");
              } else if (modes.put(number, mode) != null) {
                written.fault(port, "the port is given twice");
              }
            });
    return modes;
  }
}
