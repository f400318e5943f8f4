// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import io.mtlsmigration.api.input.SortField;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.FieldInfo;
import org.jboss.jandex.IndexView;

/**
 * The values of {@code sort}: each field of the enum, ascending and descending. A generated client
 * would name {@code -name} {@code _NAME}; this supplies better names.
 */
final class SortSchemas {

  /** An extension of openapi-generator. */
  private static final String NAMES = "x-enum-varnames";

  /** The schema of a handler's {@code Sorting<PlanSort>}, replaced by the allowed values. */
  private static final String DECLARED = "Sorting";

  private SortSchemas() {}

  static void refer(Schema schema) {
    if (schema.getRef() != null) {
      schema.setRef(schema.getRef().replace("/schemas/" + DECLARED, "/schemas/"));
    }
  }

  static void complete(IndexView index, Components components) {
    for (ClassInfo type : index.getAllKnownImplementations(SortField.class)) {
      Schema schema = components.getSchemas().get(type.simpleName());
      if (schema == null) {
        throw new IllegalStateException("no list is sorted by " + type);
      }
      components.removeSchema(DECLARED + type.simpleName());
      List<Object> values = new ArrayList<>();
      List<String> names = new ArrayList<>();
      for (FieldInfo constant : type.enumConstants()) {
        String field = SortField.field(constant.name());
        values.addAll(List.of(field, "-" + field));
        names.addAll(List.of(constant.name(), constant.name() + "_DESC"));
      }
      schema.setEnumeration(values);
      schema.addExtension(NAMES, names);
    }
  }
}
