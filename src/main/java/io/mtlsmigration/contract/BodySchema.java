// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.contract;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.path.PathType;
import io.mtlsmigration.plan.DurationText;
import io.mtlsmigration.plan.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The schema of a body: validates it as a tree, so that every wrong place is reported. */
public final class BodySchema {

  /** The code of a field that the schema does not have. */
  public static final String UNKNOWN = "UNKNOWN_FIELD";

  private static final String TOO_MANY = "TOO_MANY";

  /** The number of wrong places that are told; of more, nobody reads on. */
  private static final int MOST = 1_000;

  /** The meaning of each pattern in words. */
  private static final Map<String, String> PATTERNS =
      Map.of(
          MigrationPlanSpec.DURATION, DurationText.EXPECTED,
          MigrationPlanSpec.DAY, "a date such as 2027-03-01",
          MigrationPlanSpec.URL, "an http or https URL with a host",
          MigrationPlanSpec.WORKLOAD, "namespace/workload",
          MigrationPlanSpec.NAMESPACE, "a name of a-z, 0-9 and -, with no dash at the ends");

  /**
   * A validated tree.
   *
   * @param rest the tree without values that cannot be read: Jackson can bind it
   * @param wrong values that cannot be read: unknown fields, wrong types, unknown enum values,
   *     numbers out of range; in the order of the schema
   * @param bounds values that can be read but do not fit: texts of another form or length, lists
   *     that are too short or too long. A parser of the text can report the problem more precisely
   */
  public record Judged(ObjectNode rest, List<Problem> wrong, List<Problem> bounds) {

    /** Returns whether more is wrong than is told: the rest is empty then, and says nothing. */
    public boolean tooMany() {
      return !wrong.isEmpty() && wrong.getLast().code().equals(TOO_MANY);
    }
  }

  private final JsonNode fields;
  private final Schema schema;

  /**
   * Creates the schema of an object.
   *
   * @param fields without references
   */
  public BodySchema(JsonNode fields) {
    this.fields = fields;
    // The only draft that rejects 1.0 as an integer, as Jackson and the API do.
    this.schema =
        SchemaRegistry.withDialect(
                Dialects.getDraft4(),
                registry ->
                    registry.schemaRegistryConfig(
                        SchemaRegistryConfig.builder()
                            .pathType(PathType.JSON_POINTER)
                            .messageSource((key, standard, locale, arguments) -> key)
                            .build()))
            .getSchema(fields);
  }

  /**
   * Validates a tree; null counts as an absent field, as in Kubernetes. What is not an object is
   * reported, and validated as an empty one.
   *
   * @param given a missing node when there is no body
   */
  public Judged judge(JsonNode given) {
    Map<String, Problem> wrong = new LinkedHashMap<>();
    if (!given.isObject()) {
      wrong.put(
          "",
          given.isMissingNode()
              ? new Problem("", "REQUIRED", "An object is expected; there is none")
              : new Problem(
                  "", "WRONG_TYPE", "An object is expected; this is " + JsonText.typeOf(given)));
    }
    ObjectNode tree =
        given instanceof ObjectNode object
            ? object.deepCopy()
            : JsonNodeFactory.instance.objectNode();
    Map<String, Problem> bounds = new LinkedHashMap<>();
    prune(tree, fields, "", wrong);
    // A value that is no object becomes an empty one, which is validated again: all that it lacks
    // is reported, too.
    while (wrong.size() + bounds.size() <= MOST && judge(tree, wrong, bounds)) {}
    bounds.keySet().removeAll(wrong.keySet());
    if (wrong.size() + bounds.size() > MOST) {
      return new Judged(JsonNodeFactory.instance.objectNode(), most(wrong, bounds), List.of());
    }
    return new Judged(tree, List.copyOf(wrong.values()), List.copyOf(bounds.values()));
  }

  /** Returns the first problems, and that there are more. */
  private static List<Problem> most(Map<String, Problem> wrong, Map<String, Problem> bounds) {
    List<Problem> first =
        new ArrayList<>(
            Stream.concat(wrong.values().stream(), bounds.values().stream()).limit(MOST).toList());
    first.add(new Problem("", TOO_MANY, "More than " + MOST + " places are wrong; mend these"));
    return List.copyOf(first);
  }

  private static void prune(
      JsonNode node, JsonNode schema, String pointer, Map<String, Problem> wrong) {
    JsonNode known = schema.path("properties");
    if (node instanceof ObjectNode object && known.isObject()) {
      for (String name : names(object)) {
        String place = pointer + "/" + JsonText.escaped(JsonText.shortened(name));
        if (!known.has(name)) {
          String detail = "There is no such field; known here: " + String.join(", ", names(known));
          wrong.put(place, new Problem(place, UNKNOWN, detail));
          object.remove(name);
        } else if (object.path(name).isNull()) {
          object.remove(name);
        } else {
          prune(object.path(name), known.path(name), place, wrong);
        }
      }
    } else if (node.isArray()) {
      int index = 0;
      for (JsonNode element : node) {
        prune(element, schema.path("items"), pointer + "/" + index++, wrong);
      }
    }
  }

  /**
   * Removes values that cannot be read from the tree.
   *
   * @return whether an empty value was put in their place that has to be validated as well
   */
  private boolean judge(ObjectNode tree, Map<String, Problem> wrong, Map<String, Problem> bounds) {
    boolean again = false;
    for (var error : schema.validate(tree)) {
      String place = error.getInstanceLocation().toString();
      JsonNode wanted = at(place);
      String keyword = error.getKeyword();
      switch (keyword) {
        case "required" -> {
          String missing = place + "/" + error.getProperty();
          wrong.putIfAbsent(missing, new Problem(missing, "REQUIRED", "The field is required"));
        }
        case "type", "enum", "minimum", "maximum" -> {
          JsonNode found = tree.at(place);
          if (wrong.putIfAbsent(place, unreadable(place, keyword, wanted, found)) == null) {
            again |= replace(tree, JsonPointer.compile(place), wanted);
          }
        }
        default ->
            bounds.putIfAbsent(place, new Problem(place, "WRONG_VALUE", bound(keyword, wanted)));
      }
    }
    return again;
  }

  private static Problem unreadable(String place, String keyword, JsonNode wanted, JsonNode found) {
    String expected = "Expected is " + expected(wanted);
    return switch (keyword) {
      case "type" ->
          new Problem(
              place,
              "WRONG_TYPE",
              expected + ", found " + JsonText.typeOf(found) + quotes(wanted, found));
      case "enum" ->
          new Problem(
              place,
              "WRONG_VALUE",
              expected + ", found " + JsonText.shortened("\"" + found.asText() + "\""));
      default -> new Problem(place, "OUT_OF_RANGE", expected);
    };
  }

  /** Returns advice where quotes would do: for a name or text such as {@code no} in YAML. */
  private static String quotes(JsonNode wanted, JsonNode found) {
    String pattern = wanted.path("pattern").asText();
    boolean text =
        wanted.path("type").asText().equals("string")
            && !wanted.has("enum")
            && (pattern.equals(MigrationPlanSpec.NAMESPACE) || !PATTERNS.containsKey(pattern));
    return text && (found.isBoolean() || found.isNumber()) ? ": put it in quotes" : "";
  }

  private static String bound(String keyword, JsonNode wanted) {
    return switch (keyword) {
      case "minItems" -> "Expected are at least " + wanted.path("minItems").asInt() + " entries";
      case "maxItems" -> "Expected are at most " + wanted.path("maxItems").asInt() + " entries";
      case "maxLength" ->
          "Expected are at most " + wanted.path("maxLength").asInt() + " characters";
      default -> "Expected is " + expected(wanted);
    };
  }

  /** Returns what a schema requires, in words. */
  private static String expected(JsonNode wanted) {
    if (wanted.has("enum")) {
      return "one of "
          + String.join(
              ", ",
              StreamSupport.stream(wanted.path("enum").spliterator(), false)
                  .map(JsonNode::asText)
                  .toList());
    }
    return switch (wanted.path("type").asText()) {
      case "object" -> "an object";
      case "array" -> "an array";
      case "boolean" -> "true or false";
      case "integer" -> "an integer" + range(wanted);
      case "number" -> "a number" + range(wanted);
      default -> PATTERNS.getOrDefault(wanted.path("pattern").asText(), "a string");
    };
  }

  private static String range(JsonNode wanted) {
    return " from " + number(wanted.path("minimum")) + " to " + number(wanted.path("maximum"));
  }

  private static String number(JsonNode bound) {
    return bound.decimalValue().stripTrailingZeros().toPlainString();
  }

  private static boolean replace(ObjectNode tree, JsonPointer place, JsonNode wanted) {
    JsonNode parent = tree.at(place.head());
    boolean object = wanted.path("type").asText().equals("object");
    JsonNode empty = object ? tree.objectNode() : tree.textNode("");
    if (parent instanceof ArrayNode array) {
      array.set(place.last().getMatchingIndex(), empty);
    } else if (parent instanceof ObjectNode fields && object) {
      fields.set(place.last().getMatchingProperty(), empty);
    } else if (parent instanceof ObjectNode fields) {
      fields.remove(place.last().getMatchingProperty());
    }
    return object;
  }

  /** Returns the part of the schema for a place. */
  private JsonNode at(String place) {
    JsonNode wanted = fields;
    for (JsonPointer left = JsonPointer.compile(place); !left.matches(); left = left.tail()) {
      JsonNode properties = wanted.path("properties");
      wanted =
          wanted.has("items")
              ? wanted.path("items")
              : properties.isObject()
                  ? properties.path(left.getMatchingProperty())
                  : wanted.path("additionalProperties");
    }
    return wanted;
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
