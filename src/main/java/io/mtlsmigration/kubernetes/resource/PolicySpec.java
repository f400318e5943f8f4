// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The spec of a PeerAuthentication, past or present. */
@RegisterForReflection
public record PolicySpec(
    @JsonPropertyDescription("selector.matchLabels; left out when there is no selector.")
        @Nullable Map<String, String> selector,
    @JsonPropertyDescription("mtls.mode; UNSET when it is absent.") @Nullable String mode,
    @JsonPropertyDescription("portLevelMtls, by container port.")
        @Nullable Map<String, String> portModes) {}
