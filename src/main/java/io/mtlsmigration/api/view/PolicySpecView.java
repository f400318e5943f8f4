// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "PolicySpec", description = "The spec of a PeerAuthentication")
public record PolicySpecView(
    @Schema(description = "Labels that a pod must have; empty for every pod")
        Map<String, String> selector,
    @Schema(description = "mtls.mode; UNSET when there is none") MtlsMode mode,
    @Schema(description = "Modes of container ports") Map<Integer, MtlsMode> portLevelMtls) {

  static @Nullable PolicySpecView ofNullable(@Nullable Spec spec) {
    return spec == null
        ? null
        : new PolicySpecView(
            new TreeMap<>(spec.selector()), spec.mode(), new TreeMap<>(spec.portModes()));
  }
}
