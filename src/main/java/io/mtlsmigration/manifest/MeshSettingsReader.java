package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.MeshSettings;

/** Reads the MeshConfig that istiod keeps as YAML in {@code data.mesh} of its ConfigMap. */
final class MeshSettingsReader {

  private static final Limits LIMITS = Limits.DEFAULT.withMaxBytes(2 << 20);

  private MeshSettingsReader() {}

  static boolean isMeshConfig(Fields configMap) {
    String name = configMap.object("metadata").text("name", "");
    return (name.equals("istio") || name.startsWith("istio-"))
        && configMap.tree().path("data").has("mesh");
  }

  static MeshSettings read(Fields configMap) {
    Fields data = configMap.object("data");
    try {
      Faults faults = new Faults();
      Fields mesh =
          Fields.of(ManifestReader.tree(data.text("mesh", ""), "data.mesh", LIMITS), faults);
      MeshSettings settings = settings(mesh);
      faults.forEach((pointer, reason) -> data.fault("mesh", pointer + " " + reason));
      return settings;
    } catch (ManifestException e) {
      data.fault("mesh", e.problems().get(0).message());
      return MeshSettings.DEFAULT;
    }
  }

  private static MeshSettings settings(Fields mesh) {
    MeshSettings standard = MeshSettings.DEFAULT;
    String outbound = mesh.object("outboundTrafficPolicy").text("mode", "ALLOW_ANY");
    return new MeshSettings(
        mesh.text("rootNamespace", standard.rootNamespace()),
        mesh.text("trustDomain", standard.trustDomain()),
        mesh.has("enableAutoMtls") ? mesh.flag("enableAutoMtls") : standard.autoMtls(),
        outbound.equals("ALLOW_ANY"),
        mesh.texts("trustDomainAliases"),
        mesh.objects("discoverySelectors").stream().map(OtherReader::selector).toList(),
        AccessLogFormatReader.read(mesh));
  }
}
