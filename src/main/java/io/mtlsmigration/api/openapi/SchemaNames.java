// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;

/**
 * Names of schemas for clients. The code's names are short because their package says the rest; a
 * generated client has one package for all, where {@code Type} or {@code Result} say nothing and
 * clash with names of the language.
 *
 * @param names new by old
 */
record SchemaNames(Map<String, String> names) {

  private static final String REFERENCE = "#/components/schemas/";

  SchemaNames {
    names = Map.copyOf(names);
  }

  /** Renames the reference of a schema; must be called for each schema of the document. */
  void refer(Schema schema) {
    String ref = schema.getRef();
    if (ref != null && ref.startsWith(REFERENCE)) {
      String name = ref.substring(REFERENCE.length());
      schema.setRef(REFERENCE + names.getOrDefault(name, name));
    }
  }

  /** Renames the definitions; a name that is unknown or taken fails the build. */
  void define(Components components) {
    Map<String, Schema> schemas = new TreeMap<>(components.getSchemas());
    names.forEach(
        (old, name) -> {
          Schema schema = schemas.remove(old);
          if (schema == null || schemas.putIfAbsent(name, schema) != null) {
            throw new IllegalStateException(
                "schema " + old + " is to be called " + name + "; there are " + schemas.keySet());
          }
        });
    components.setSchemas(schemas);
  }
}
