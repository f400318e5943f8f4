// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.RecordComponentInfo;
import org.jspecify.annotations.Nullable;

/**
 * Marks each property as required or nullable, from the records' {@code @Nullable}: in a record
 * that omits nulls such a property may be missing; in any other one it is present and may be null.
 */
final class SchemaShapes {

  private static final DotName SCHEMA =
      DotName.createSimple(org.eclipse.microprofile.openapi.annotations.media.Schema.class);
  private static final DotName NULLABLE = DotName.createSimple(Nullable.class);
  private static final DotName INCLUDE = DotName.createSimple(JsonInclude.class);
  private static final DotName PROPERTY = DotName.createSimple(JsonProperty.class);

  private final Map<String, ClassInfo> records = new TreeMap<>();

  SchemaShapes(IndexView index) {
    for (AnnotationInstance schema : index.getAnnotations(SCHEMA)) {
      if (schema.target().kind() == org.jboss.jandex.AnnotationTarget.Kind.CLASS) {
        ClassInfo type = schema.target().asClass();
        if (type.isRecord()) {
          AnnotationValue name = schema.value("name");
          records.put(name == null ? type.simpleName() : name.asString(), type);
        }
      }
    }
  }

  void complete(Components components) {
    // Drop the generic record itself; the document has one schema for each of its uses.
    components.removeSchema("Page");
    // Java's output (PT3H15S, PT0.5S) is ISO-8601, but not the grammar of the format "duration"
    // (RFC 3339, appendix A).
    Schema duration = components.getSchemas().get("Duration");
    if (duration != null) {
      duration.setFormat(null);
    }
    components
        .getSchemas()
        .forEach(
            (name, schema) -> {
              ClassInfo type = records.get(name.startsWith("Page") ? "Page" : name);
              if (type != null && schema.getProperties() != null) {
                shape(schema, type);
              }
            });
  }

  private static void shape(Schema schema, ClassInfo type) {
    boolean leavesNullsOut = leavesNullsOut(type);
    List<String> required = new ArrayList<>();
    for (RecordComponentInfo component : type.recordComponents()) {
      String name = name(component);
      Schema property = schema.getProperties().get(name);
      if (property == null) {
        continue; // Unwrapped: its fields are the object's.
      }
      boolean nullable = component.type().hasAnnotation(NULLABLE);
      if (!nullable || !leavesNullsOut) {
        required.add(name);
      }
      if (nullable && !leavesNullsOut) {
        schema.addProperty(name, orNull(property));
      } else {
        untyped(property);
      }
    }
    schema.setRequired(required);
  }

  private static Schema orNull(Schema property) {
    if (property.getRef() == null) {
      property.addType(Schema.SchemaType.NULL);
      return property;
    }
    return OASFactory.createSchema()
        .description(property.getDescription())
        .addAnyOf(OASFactory.createSchema().ref(property.getRef()))
        .addAnyOf(OASFactory.createSchema().addType(Schema.SchemaType.NULL));
  }

  /** Removes beside a reference what repeats the reference's. */
  private static void untyped(Schema property) {
    if (property.getRef() != null) {
      property.setType(null);
      property.setFormat(null);
      property.setExamples(null);
    }
  }

  private static String name(RecordComponentInfo component) {
    AnnotationInstance property = component.annotation(PROPERTY);
    if (property == null && component.field() != null) {
      property = component.field().annotation(PROPERTY);
    }
    return property == null || property.value() == null
        ? component.name()
        : property.value().asString();
  }

  private static boolean leavesNullsOut(ClassInfo type) {
    AnnotationInstance include = type.declaredAnnotation(INCLUDE);
    return include != null && include.value().asEnum().equals("NON_NULL");
  }
}
