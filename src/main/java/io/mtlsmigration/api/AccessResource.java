// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.security.CallerRights;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.AccessView;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The caller's permissions. */
@Path("/api/v1/access")
@Tag(name = "Access")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public final class AccessResource {

  private final CallerRights rights;

  AccessResource(CallerRights rights) {
    this.rights = rights;
  }

  @GET
  @Needs({})
  @Operation(
      operationId = "getAccess",
      summary = "Who calls, and what the caller may do",
      description =
          "The verbs that this caller has, on one plan or on every plan, so that nobody has to be"
              + " offered what would be refused.")
  public AccessView access(
      @QueryParam("plan")
          @Parameter(
              description = "Name of a plan, for verbs that are granted by name; need not exist")
          @Nullable String plan,
      @Context RoutingContext routing) {
    return AccessView.of(rights.of(routing, plan == null ? "" : plan));
  }
}
