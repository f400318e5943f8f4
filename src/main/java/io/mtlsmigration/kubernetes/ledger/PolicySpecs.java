// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.ObjectName;
import io.mtlsmigration.kubernetes.resource.PolicySpec;
import io.mtlsmigration.kubernetes.resource.ResourceJson.MalformedException;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Converts policies and their names to and from the form stored in steps. */
final class PolicySpecs {

  private PolicySpecs() {}

  static @Nullable PolicySpec write(PeerAuthentication.@Nullable Spec spec) {
    return spec == null
        ? null
        : new PolicySpec(
            new TreeMap<>(spec.selector()), spec.mode().name(), ports(spec.portModes()));
  }

  static PeerAuthentication.@Nullable Spec read(@Nullable PolicySpec spec, String pointer)
      throws MalformedException {
    return spec == null
        ? null
        : new PeerAuthentication.Spec(
            Values.map(spec.selector()),
            Values.choice(MtlsMode.class, spec.mode(), pointer + "/mode"),
            ports(spec.portModes(), pointer + "/portModes"));
  }

  static Map<String, String> ports(Map<Integer, MtlsMode> modes) {
    Map<String, String> ports = new TreeMap<>();
    modes.forEach((port, mode) -> ports.put(port.toString(), mode.name()));
    return ports;
  }

  static Map<Integer, MtlsMode> ports(@Nullable Map<String, String> modes, String pointer)
      throws MalformedException {
    Map<Integer, MtlsMode> ports = new HashMap<>();
    for (Map.Entry<String, String> entry : Values.map(modes).entrySet()) {
      ports.put(
          Values.number(entry.getKey(), pointer),
          Values.choice(MtlsMode.class, entry.getValue(), pointer + "/" + entry.getKey()));
    }
    return ports;
  }

  static ObjectName write(ObjectRef ref) {
    return new ObjectName(ref.kind(), ref.namespace(), ref.name());
  }

  static ObjectRef read(@Nullable ObjectName name, String pointer) throws MalformedException {
    ObjectName given = Values.required(name, pointer);
    return new ObjectRef(
        Values.required(given.kind(), pointer + "/kind"),
        Values.text(given.namespace()),
        Values.required(given.name(), pointer + "/name"));
  }
}
