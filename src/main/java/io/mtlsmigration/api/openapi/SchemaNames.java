package io.mtlsmigration.api.openapi;

import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;

/**
 * Names of schemas as clients see them. The code's own names are short because their package says
 * the rest; a generated client has one package for all, where {@code Type} or {@code Result} say
 * nothing and clash with what the language has.
 *
 * @param names new by old
 */
record SchemaNames(Map<String, String> names) {

  private static final String REFERENCE = "#/components/schemas/";

  SchemaNames {
    names = Map.copyOf(names);
  }

  /** To be called for each schema of the document, wherever it stands. */
  void refer(Schema schema) {
    String ref = schema.getRef();
    if (ref != null && ref.startsWith(REFERENCE)) {
      String name = ref.substring(REFERENCE.length());
      schema.setRef(REFERENCE + names.getOrDefault(name, name));
    }
  }

  /** Renames what is defined; a name that is not there any more, or is taken, fails the build. */
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
