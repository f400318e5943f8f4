// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import jakarta.ws.rs.QueryParam;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** The steps of time requested. */
public record HistoryQuery(
    @QueryParam("since") @Parameter(description = "Beginning; not together with window")
        @Nullable Instant since,
    @QueryParam("window")
        @Parameter(
            description = "Length up to until, such as PT1H or 15m; a day when left out",
            schema = @Schema(implementation = String.class, examples = "15m"))
        @Nullable Duration window,
    @QueryParam("until") @Parameter(description = "End; now when left out") @Nullable Instant until,
    @QueryParam("step")
        @Parameter(
            description =
                "Length of each step in whole seconds, such as PT5M; at most 1,000 steps. When left"
                    + " out, one of which up to 300 fill the range",
            schema = @Schema(implementation = String.class, examples = "5m"))
        @Nullable Duration step) {}
