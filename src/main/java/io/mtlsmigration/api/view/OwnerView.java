// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.rollout.gates.NamespaceState;
import io.mtlsmigration.worklist.Worklist;
import java.util.EnumMap;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Owner", description = "How far one owner is, and what is still to be done")
public record OwnerView(
    @Schema(description = "As labels name it; null stands for what nobody owns")
        @Nullable String owner,
    @Schema(
            description =
                "Namespaces that the owner's label is on, by state: LOCKED, READY when every gate"
                    + " passes, WAITING for time, an earlier wave or a verification, HELD until"
                    + " somebody acts, OPEN when it is left open or nothing in it could be locked")
        Map<NamespaceState, Integer> namespaces,
    @Schema(description = "Items of the worklist that are the owner's") int items,
    @Schema(description = "Namespaces of whomever that these are in the way of") int unblocks) {

  public static OwnerView of(Worklist.Owner owner) {
    Map<NamespaceState, Integer> namespaces = new EnumMap<>(NamespaceState.class);
    for (NamespaceState state : NamespaceState.values()) {
      namespaces.put(state, owner.namespaces().getOrDefault(state, 0));
    }
    return new OwnerView(owner.name(), namespaces, owner.items(), owner.unblocks());
  }
}
