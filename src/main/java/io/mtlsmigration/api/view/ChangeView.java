// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.plan.PolicyChange;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Change", description = "One write to one PeerAuthentication")
public record ChangeView(
    @Schema(description = "The object") Ref policy,
    @Schema(description = "CREATE, UPDATE or DELETE") Action action,
    @Schema(description = "The spec as it is; null when the object does not exist")
        @Nullable PolicySpecView before,
    @Schema(description = "The spec as it will be; null when the object goes")
        @Nullable PolicySpecView after,
    @Schema(description = "Why a policy is written") PolicyChange.Purpose purpose,
    @Schema(description = "True when some port that refuses plaintext would accept it")
        boolean weakens,
    @Schema(description = "The reason in words") String why) {

  @Schema(name = "ChangeAction", description = "What becomes of the object")
  public enum Action {
    CREATE,
    UPDATE,
    DELETE
  }

  public static ChangeView of(PolicyChange change) {
    return new ChangeView(
        Ref.of(change.ref()),
        action(change.before(), change.after()),
        PolicySpecView.ofNullable(change.before()),
        PolicySpecView.ofNullable(change.after()),
        change.purpose(),
        change.weakens(),
        change.why());
  }

  static Action action(@Nullable Spec before, @Nullable Spec after) {
    if (after == null) {
      return Action.DELETE;
    }
    return before == null ? Action.CREATE : Action.UPDATE;
  }
}
