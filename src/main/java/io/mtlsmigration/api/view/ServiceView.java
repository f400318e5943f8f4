// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Service", description = "The program that answers")
public record ServiceView(
    @Schema(description = "Its version") String version,
    @Schema(description = "The commit that it was built from; null when nobody knows")
        @Nullable String commit) {}
