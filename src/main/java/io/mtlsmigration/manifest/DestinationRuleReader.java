// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.DestinationRule.PortPolicy;
import io.mtlsmigration.mesh.DestinationRule.Subset;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.ObjectMeta;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the parts of a DestinationRule that decide whether clients use mutual TLS. */
final class DestinationRuleReader {

  private static final List<ClientTlsMode> MODES = List.of(ClientTlsMode.values());

  private DestinationRuleReader() {}

  static DestinationRule read(ObjectMeta meta, ManifestFields object) {
    IstioVersions.check(object, "v1", "v1beta1", "v1alpha3");
    Binding.ofAllRevisions(object, "rule"); // it is not known which rule a client applies then
    ManifestFields spec = object.object("spec");
    return new DestinationRule(
        meta,
        spec.required("host"),
        Set.copyOf(spec.texts("exportTo")),
        spec.object("workloadSelector").strings("matchLabels"),
        trafficPolicy(spec),
        spec.objects("subsets").stream().map(DestinationRuleReader::subset).toList());
  }

  private static Subset subset(ManifestFields subset) {
    return new Subset(subset.required("name"), subset.strings("labels"), trafficPolicy(subset));
  }

  private static @Nullable TrafficPolicy trafficPolicy(ManifestFields parent) {
    if (!parent.has("trafficPolicy")) {
      return null;
    }
    ManifestFields policy = parent.object("trafficPolicy");
    Map<Integer, PortPolicy> ports = new LinkedHashMap<>();
    for (ManifestFields setting : policy.objects("portLevelSettings")) {
      ManifestFields port = setting.object("port");
      if (!port.has("number")) {
        port.fault("number", "is required");
      }
      // Istio takes the first of two settings for one port.
      ports.putIfAbsent(
          port.port("number"), new PortPolicy(tls(setting), secret(setting), passthrough(setting)));
    }
    return new TrafficPolicy(tls(policy), secret(policy), passthrough(policy), ports);
  }

  /** Returns the TLS mode; a {@code tls} without one means DISABLE, the enum's zero value. */
  private static @Nullable ClientTlsMode tls(ManifestFields policy) {
    if (!policy.has("tls")) {
      return null;
    }
    return policy.object("tls").constant("mode", MODES).orElse(ClientTlsMode.DISABLE);
  }

  /**
   * Returns whether the policy names a Secret; every proxy may read a ConfigMap, any other
   * reference is a Secret.
   */
  private static boolean secret(ManifestFields policy) {
    String credential = policy.object("tls").text("credentialName", "");
    return !credential.isEmpty() && !credential.startsWith("configmap://");
  }

  private static boolean passthrough(ManifestFields policy) {
    return policy.object("loadBalancer").text("simple", "").equals("PASSTHROUGH");
  }
}
