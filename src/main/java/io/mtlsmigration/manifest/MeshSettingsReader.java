// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.MeshSettings;
import java.util.Set;

/** Reads the MeshConfig, which istiod keeps as YAML in {@code data.mesh} of its ConfigMap. */
final class MeshSettingsReader {

  private static final ReadLimits LIMITS = ReadLimits.DEFAULT.withMaxBytes(2 << 20);

  private MeshSettingsReader() {}

  static boolean isMeshConfig(ManifestFields configMap) {
    String name = configMap.object("metadata").text("name", "");
    return (name.equals("istio") || name.startsWith("istio-"))
        && configMap.tree().path("data").has("mesh");
  }

  static MeshSettings read(ManifestFields configMap) {
    ManifestFields data = configMap.object("data");
    try {
      FieldErrors faults = new FieldErrors();
      ManifestFields mesh =
          ManifestFields.of(
              ManifestReader.tree(data.text("mesh", ""), "data.mesh", LIMITS), faults);
      MeshSettings settings = settings(mesh);
      faults.forEach((pointer, reason) -> data.fault("mesh", pointer + " " + reason));
      return settings;
    } catch (ManifestException e) {
      data.fault("mesh", e.problems().get(0).message());
      return MeshSettings.DEFAULT;
    }
  }

  private static MeshSettings settings(ManifestFields mesh) {
    MeshSettings standard = MeshSettings.DEFAULT;
    String outbound = mesh.object("outboundTrafficPolicy").text("mode", "ALLOW_ANY");
    return new MeshSettings(
        mesh.text("rootNamespace", standard.rootNamespace()),
        mesh.text("trustDomain", standard.trustDomain()),
        mesh.has("enableAutoMtls") ? mesh.flag("enableAutoMtls") : standard.autoMtls(),
        outbound.equals("ALLOW_ANY"),
        mesh.texts("trustDomainAliases"),
        mesh.objects("discoverySelectors").stream().map(LabelSelectorReader::read).toList(),
        AccessLogFormatReader.read(mesh),
        new MeshSettings.Exports(
            Set.copyOf(mesh.texts("defaultServiceExportTo")),
            Set.copyOf(mesh.texts("defaultDestinationRuleExportTo"))),
        !mesh.object("defaultConfig")
            .object("proxyHeaders")
            .object("envoyDebugHeaders")
            .flag("disabled"),
        standard.clusterDomain());
  }
}
