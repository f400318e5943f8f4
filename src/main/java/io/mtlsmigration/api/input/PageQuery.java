// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The paging parameters of a list. */
public record PageQuery(
    @QueryParam("limit") @DefaultValue("100") int limit,
    @QueryParam(Paging.TOKEN) @Nullable String token,
    @Context UriInfo uri) {

  public Paging paging() {
    return new Paging(limit, scope(uri), token == null ? null : after(uri, token));
  }

  static @Nullable String after(UriInfo uri, String token) {
    return Paging.after(token, scope(uri));
  }

  /** Returns the path with its filters and sort, to which tokens are bound. */
  private static String scope(UriInfo uri) {
    MultivaluedMap<String, String> sent = uri.getQueryParameters();
    Set<String> names = new TreeSet<>(sent.keySet());
    names.remove("limit");
    names.remove(Paging.TOKEN);
    StringBuilder scope = new StringBuilder(uri.getPath());
    for (String name : names) {
      scope.append('\n').append(name).append('=').append(sent.getFirst(name));
    }
    return scope.toString();
  }
}
