// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/** The name of an object. */
@RegisterForReflection
public record ObjectName(
    @JsonPropertyDescription("Kind of the object.") @Nullable String kind,
    @JsonPropertyDescription("Its namespace.") @Nullable String namespace,
    @JsonPropertyDescription("Its name.") @Nullable String name) {}
