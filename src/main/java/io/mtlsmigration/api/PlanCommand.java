// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.api.input.Bodies;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A command about a plan: the plan, the caller, and the version that it demands. */
public record PlanCommand(
    @PathParam("plan") String plan,
    @Context HttpHeaders headers,
    @Context SecurityContext security) {

  String caller() {
    return Actor.of(security);
  }

  /** Returns null when any version will do. */
  @Nullable String version() {
    return EntityTags.optional(headers.getHeaderString(HttpHeaders.IF_MATCH));
  }

  /** Parses a body that is no {@link io.mtlsmigration.api.view.CommandBody}. */
  JsonNode read(@Nullable InputStream body) {
    return Bodies.read(body, headers.getHeaderString(HttpHeaders.CONTENT_TYPE));
  }
}
