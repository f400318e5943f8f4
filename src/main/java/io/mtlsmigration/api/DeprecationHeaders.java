// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.openapi.DeprecatedOperation;
import io.mtlsmigration.api.openapi.DeprecationNotice;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.ext.Provider;
import java.util.Map;

/** Adds headers to answers of deprecated operations; other operations are not affected. */
@Provider
public final class DeprecationHeaders implements DynamicFeature {

  @Override
  public void configure(ResourceInfo operation, FeatureContext context) {
    DeprecatedOperation deprecated =
        operation.getResourceMethod().getAnnotation(DeprecatedOperation.class);
    if (deprecated != null) {
      Map<String, String> headers = DeprecationNotice.of(deprecated).headers();
      ContainerResponseFilter filter =
          (request, response) ->
              headers.forEach((name, value) -> response.getHeaders().add(name, value));
      context.register(filter);
    }
  }
}
