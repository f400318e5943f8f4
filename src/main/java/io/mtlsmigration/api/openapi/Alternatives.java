// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;

/** Answers that are one of several schemas, told apart by a discriminator. */
final class Alternatives {

  private static final String SCHEMAS = "#/components/schemas/";

  private Alternatives() {}

  /** Defines the alternatives; {@code kind} has the schemas' names, the default mapping. */
  static void define(Components components) {
    define(components, "PlanOrPreview", "The plan; with dryRun a preview of it", "PlanPreview");
    define(
        components,
        "PlanOrExceptionPreview",
        "The plan without the exception; with dryRun what its end would refuse",
        "ExceptionPreview");
  }

  private static void define(
      Components components, String name, String description, String preview) {
    components.addSchema(
        name,
        OASFactory.createSchema()
            .description(description)
            .addOneOf(OASFactory.createSchema().ref(SCHEMAS + "Plan"))
            .addOneOf(OASFactory.createSchema().ref(SCHEMAS + preview))
            .discriminator(
                OASFactory.createDiscriminator()
                    .propertyName("kind")
                    .addMapping("Plan", SCHEMAS + "Plan")
                    .addMapping(preview, SCHEMAS + preview)));
  }
}
