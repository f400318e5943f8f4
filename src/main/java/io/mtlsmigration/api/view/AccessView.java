// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.access.AuthMode;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.security.CallerRights;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Access", description = "Who calls, and what the caller may do")
public record AccessView(
    @Schema(description = "Name of the caller, as records keep it") String name,
    @Schema(description = "How callers show who they are") AuthMode mode,
    @Schema(description = "Verbs that would be let in, as in rules of access") List<String> verbs) {

  public static AccessView of(CallerRights.Rights rights) {
    return new AccessView(
        rights.name(), rights.mode(), rights.verbs().stream().map(Verb::text).toList());
  }
}
