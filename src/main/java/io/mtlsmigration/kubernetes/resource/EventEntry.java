// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event, stored with the object that it is about. */
@RegisterForReflection
public record EventEntry(
    @JsonPropertyDescription("Grows, and belongs to no other event.") @Nullable Long id,
    @JsonPropertyDescription("When.") @Nullable String at,
    @JsonPropertyDescription("The wave that an approval is about, where it is one.")
        @Nullable String subject,
    @JsonPropertyDescription("What kind of thing happened.") @Nullable String type,
    @JsonPropertyDescription("Phase before.") @Nullable String from,
    @JsonPropertyDescription("Phase after.") @Nullable String to,
    @JsonPropertyDescription("Stable reason.") @Nullable String reason,
    @JsonPropertyDescription("What happened, in words.") @Nullable String message,
    @JsonPropertyDescription("Who did it, or mtls-migration.") @Nullable String actor,
    @JsonPropertyDescription("Names and figures behind it.")
        @Nullable Map<String, String> evidence) {}
