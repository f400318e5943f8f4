// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.PeerAuthentication.Scope;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.mtls.PolicyStanding;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Policy", description = "A PeerAuthentication and its standing")
public record PolicyView(
    @Schema(description = "Namespace of the policy") String namespace,
    @Schema(description = "Name of the policy") String name,
    @Schema(description = "What it may govern; null when it cannot be read") @Nullable Scope scope,
    @Schema(description = "Labels that a pod must have; empty for every pod")
        Map<String, String> selector,
    @Schema(description = "Mode as declared; null when the policy cannot be read")
        @Nullable MtlsMode mode,
    @Schema(description = "Modes of container ports as declared")
        Map<Integer, MtlsMode> portLevelMtls,
    @Schema(description = "True when it governs at least the scope that it names")
        boolean effective,
    @Schema(description = "Empty when effective; else the winner, the rule or what is unreadable")
        String whyNot,
    @Schema(description = "The oldest of a scope wins; null when the policy cannot be read")
        @Nullable Instant createdAt,
    @Schema(description = "Who manages the spec") List<String> managers) {

  public static PolicyView of(PolicyStanding standing) {
    ObjectMeta meta = standing.policy().meta();
    return new PolicyView(
        meta.namespace(),
        meta.name(),
        standing.scope(),
        new TreeMap<>(standing.policy().spec().selector()),
        standing.policy().spec().mode(),
        new TreeMap<>(standing.policy().spec().portModes()),
        standing.effective(),
        standing.whyNot(),
        meta.createdAt(),
        meta.owners().stream()
            .filter(ObjectMeta.FieldOwner::ownsSpec)
            .map(ObjectMeta.FieldOwner::manager)
            .distinct()
            .sorted()
            .toList());
  }

  public static PolicyView of(Unreadable unreadable) {
    return new PolicyView(
        unreadable.ref().namespace(),
        unreadable.ref().name(),
        null,
        Map.of(),
        null,
        Map.of(),
        false,
        "cannot be read: " + unreadable.field() + " " + unreadable.reason(),
        null,
        List.of());
  }
}
