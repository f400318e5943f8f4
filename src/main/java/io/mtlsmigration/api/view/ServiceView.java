// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Service", description = "The program that answers")
public record ServiceView(
    @Schema(description = "Its version") String version,
    @Schema(description = "The commit that it was built from; null when nobody knows")
        @Nullable String commit,
    @Schema(
            description =
                "Address of the Grafana that has this project's dashboards, without a slash at its"
                    + " end; null when it is not configured")
        @Nullable String grafana) {}
