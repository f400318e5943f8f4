// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import io.mtlsmigration.access.Permission;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.security.Needs;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.MethodInfo;

/** Adds security schemes, and what each operation requires by {@link Needs}. */
final class AccessAdditions {

  private static final String BEARER = "bearer";

  private AccessAdditions() {}

  static void define(OpenAPI document) {
    document
        .getComponents()
        .addSecurityScheme(
            BEARER,
            OASFactory.createSecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme(BEARER)
                .description(
                    "A token of the cluster (auth.mode kubernetes) or of the OpenID provider"
                        + " (oidc); none is asked for while auth.mode is none"));
    document.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme(BEARER));
  }

  /** Adds the verb that RBAC has to grant, for people and for tools that write roles. */
  static void add(Operation operation, MethodInfo handler) {
    AnnotationInstance needs = handler.annotation(Needs.class);
    if (needs == null) {
      throw new IllegalStateException(handler + " does not say which verb it needs");
    }
    String[] verbs = needs.value().asEnumArray();
    if (verbs.length == 0) {
      operation.setDescription(operation.getDescription() + " Needs an identity, and no verb.");
      return;
    }
    String verb = Verb.valueOf(verbs[0]).text();
    operation.addExtension("x-required-verb", verb);
    operation.setDescription(
        "%s Needs the verb %s on %s.%s."
            .formatted(operation.getDescription(), verb, Permission.RESOURCE, Permission.GROUP));
  }
}
