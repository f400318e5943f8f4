package io.mtlsmigration.api.openapi;

import io.mtlsmigration.access.Permission;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.security.AccessRules;
import io.mtlsmigration.api.security.AccessRules.Rule;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** What callers have to show, and what each operation asks of them. */
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
                    "A token of the cluster (auth.mode kubernetes) or of the OpenID provider (oidc);"
                        + " none is asked for while auth.mode is none"));
    document.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme(BEARER));
  }

  /** The verb that RBAC has to grant, for people and for tools that write roles. */
  static void add(String path, PathItem.HttpMethod method, Operation operation) {
    Rule rule =
        AccessRules.of(method.name(), path)
            .orElseThrow(
                () -> new IllegalStateException(method + " " + path + " has no rule of access"));
    if (!rule.operationId().equals(operation.getOperationId())) {
      throw new IllegalStateException(
          method + " " + path + " is called " + rule.operationId() + " in the rules of access");
    }
    Verb verb = rule.verb();
    if (verb == null) {
      operation.setDescription(operation.getDescription() + " Needs an identity, and no verb.");
      return;
    }
    operation.addExtension("x-required-verb", verb.text());
    operation.setDescription(
        operation.getDescription()
            + " Needs the verb "
            + verb.text()
            + " on "
            + Permission.RESOURCE
            + "."
            + Permission.GROUP
            + ".");
  }
}
