// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.contract.PlanSpecs;
import io.mtlsmigration.plan.PlanSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The page's TypeScript types of the API are those of openapi.yaml. With {@code
 * -Dpage.types.write=true} they are written ({@code make page-types}).
 */
final class PageTypesTest {

  private static final Path TYPES = Path.of("src/main/web/app/api/types.ts");
  private static final String HEAD =
      "// Written from openapi.yaml by PageTypesTest (make page-types); not by hand.\n";

  @Test
  void areThoseOfTheDocument() throws IOException {
    String types = types(schemas()) + "\n" + defaults();

    if (Boolean.getBoolean("page.types.write")) {
      Files.writeString(TYPES, types);
    }

    assertEquals(types, Files.readString(TYPES), "types.ts is behind: run make page-types");
  }

  /** What counts where a body says nothing; {@link PlanSpec} alone knows it. */
  private static String defaults() throws IOException {
    return "/** What counts where the body of a plan says nothing. */\nexport const PLAN_DEFAULTS = "
        + new ObjectMapper()
            .writerWithDefaultPrettyPrinter()
            .writeValueAsString(PlanSpecs.write(PlanSpec.standard("")))
        + " as const satisfies Omit<PlanBody, \"name\">;\n";
  }

  private static String types(Map<String, Object> schemas) {
    List<String> lines = new ArrayList<>(List.of(HEAD));
    schemas.forEach(
        (name, schema) -> {
          if (map(schema).containsKey("properties")) {
            lines.add(contract(name, map(schema)));
          } else {
            lines.add("export type %s = %s;\n".formatted(name, type(map(schema))));
          }
        });
    return String.join("\n", lines) + "\n";
  }

  private static String contract(String name, Map<String, Object> schema) {
    Set<Object> required = new LinkedHashSet<>(list(schema.getOrDefault("required", List.of())));
    return map(schema.get("properties")).entrySet().stream()
        .map(
            property ->
                "  readonly %s%s: %s;\n"
                    .formatted(
                        property.getKey(),
                        required.contains(property.getKey()) ? "" : "?",
                        type(map(property.getValue()))))
        .collect(Collectors.joining("", "export interface " + name + " {\n", "}\n"));
  }

  private static String type(Map<String, Object> schema) {
    if (schema.get("$ref") instanceof String reference) {
      return reference.substring(reference.lastIndexOf('/') + 1);
    }
    for (String choice : List.of("anyOf", "oneOf")) {
      if (schema.containsKey(choice)) {
        return joined(
            list(schema.get(choice)).stream()
                .map(PageTypesTest::map)
                .map(PageTypesTest::type)
                .toList());
      }
    }
    if (schema.containsKey("enum")) {
      return joined(
          list(schema.get("enum")).stream().map(value -> '"' + value.toString() + '"').toList());
    }
    List<Object> types =
        schema.get("type") instanceof List<?> several
            ? List.copyOf(several)
            : List.of(schema.getOrDefault("type", "unknown"));
    return joined(types.stream().map(type -> primitive(type.toString(), schema)).toList());
  }

  private static String primitive(String type, Map<String, Object> schema) {
    return switch (type) {
      case "string", "boolean", "null" -> type;
      case "integer", "number" -> "number";
      case "array" -> {
        String items = type(map(schema.get("items")));
        yield (items.contains("|") ? "readonly (%s)[]" : "readonly %s[]").formatted(items);
      }
      case "object" ->
          schema.get("additionalProperties") instanceof Map<?, ?> values
              ? "Readonly<Record<string, %s>>".formatted(type(map(values)))
              : "unknown";
      default -> "unknown";
    };
  }

  private static String joined(List<String> types) {
    return String.join(" | ", types);
  }

  private static Map<String, Object> schemas() throws IOException {
    try (InputStream in = Files.newInputStream(Path.of("openapi.yaml"))) {
      Object document = new Load(LoadSettings.builder().build()).loadFromInputStream(in);
      return new TreeMap<>(map(map(map(document).get("components")).get("schemas")));
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object value) {
    return (List<Object>) value;
  }
}
