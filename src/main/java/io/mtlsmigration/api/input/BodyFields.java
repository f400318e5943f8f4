// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.contract.JsonText;
import io.mtlsmigration.plan.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one JSON object, one by one. A wrong field is recorded with its pointer and
 * replaced by the default, so that reading goes on; {@link #end} records unknown fields. An
 * explicit null counts as a missing field.
 */
public final class BodyFields {

  private final ObjectNode object;
  private final String pointer;
  private final List<FieldError> errors;
  private final Set<String> known = new LinkedHashSet<>();

  private BodyFields(ObjectNode object, String pointer, List<FieldError> errors) {
    this.object = object;
    this.pointer = pointer;
    this.errors = errors;
  }

  /** Returns the fields of a body; of an empty object, with a problem, when it is no object. */
  public static BodyFields of(JsonNode body, List<FieldError> errors) {
    return of(body, "", errors);
  }

  private static BodyFields of(JsonNode node, String pointer, List<FieldError> errors) {
    if (node instanceof ObjectNode object) {
      return new BodyFields(object, pointer, errors);
    }
    String found = node.isMissingNode() ? "there is none" : "this is " + JsonText.typeOf(node);
    errors.add(
        node.isMissingNode()
            ? FieldError.at(pointer, "REQUIRED", "An object is expected; " + found)
            : FieldError.at(pointer, "WRONG_TYPE", "An object is expected; " + found));
    return new BodyFields(JsonNodeFactory.instance.objectNode(), pointer, errors);
  }

  public String pointer(String field) {
    return pointer + "/" + JsonText.escaped(field);
  }

  /** Records a problem of a field that is well-formed, but wrong. */
  public void wrong(String field, String code, String detail) {
    errors.add(FieldError.at(pointer(field), code, detail));
  }

  /** Records a problem of the object itself. */
  public void wrongSelf(String code, String detail) {
    errors.add(FieldError.at(pointer, code, detail));
  }

  /** Records a problem of an array's element. */
  public void wrongElement(String field, int index, String detail) {
    errors.add(FieldError.at(pointer(field) + "/" + index, "WRONG_VALUE", detail));
  }

  public boolean has(String field) {
    return object.hasNonNull(field);
  }

  public @Nullable String text(String field) {
    return text(field, Optional::of, "a string").orElse(null);
  }

  public String text(String field, String fallback) {
    String text = text(field);
    return text == null ? fallback : text;
  }

  /** Reads a required, non-blank text. */
  public String required(String field) {
    String text = text(field);
    if (text == null && !has(field)) {
      wrong(field, "REQUIRED", "The field is required");
    } else if (text != null && text.isBlank()) {
      wrong(field, "REQUIRED", "The field must not be blank");
    }
    return text == null ? "" : text;
  }

  /** Reads a text that {@code parser} accepts. */
  public <T> Optional<T> text(String field, Function<String, Optional<T>> parser, String expected) {
    JsonNode node = take(field);
    if (node == null) {
      return Optional.empty();
    }
    Optional<T> value = node.isTextual() ? parser.apply(node.textValue()) : Optional.empty();
    if (value.isEmpty()) {
      String found = node.isTextual() ? "\"" + node.textValue() + "\"" : JsonText.typeOf(node);
      String code = node.isTextual() ? "WRONG_VALUE" : "WRONG_TYPE";
      wrong(field, code, "Expected is " + expected + ", found " + JsonText.shortened(found));
    }
    return value;
  }

  public @Nullable Duration duration(String field) {
    return text(field, DurationText::parse, DurationText.EXPECTED).orElse(null);
  }

  public Duration duration(String field, Duration fallback) {
    Duration duration = duration(field);
    return duration == null ? fallback : duration;
  }

  static <E extends Enum<?>> Optional<E> named(E[] all, String name) {
    return Arrays.stream(all).filter(e -> e.name().equals(name)).findFirst();
  }

  static String names(Enum<?>[] all) {
    return String.join(", ", Arrays.stream(all).map(Enum::name).toList());
  }

  public boolean flag(String field, boolean fallback) {
    JsonNode node = take(field);
    if (node == null || node.isBoolean()) {
      return node == null ? fallback : node.booleanValue();
    }
    wrong(field, "WRONG_TYPE", "Expected is true or false, found " + JsonText.typeOf(node));
    return fallback;
  }

  public @Nullable Integer integer(String field, int min, int max) {
    JsonNode node = take(field);
    if (node == null) {
      return null;
    }
    if (!node.isIntegralNumber()) {
      wrong(field, "WRONG_TYPE", "Expected is an integer, found " + JsonText.typeOf(node));
      return null;
    }
    if (!node.canConvertToInt() || node.intValue() < min || node.intValue() > max) {
      wrong(field, "OUT_OF_RANGE", "Expected is an integer from " + min + " to " + max);
      return null;
    }
    return node.intValue();
  }

  /** Reads the objects of an array; empty when it is missing. */
  public List<BodyFields> objects(String field) {
    List<BodyFields> elements = new ArrayList<>();
    int index = 0;
    for (JsonNode element : array(field)) {
      elements.add(of(element, pointer(field) + "/" + index++, errors));
    }
    return elements;
  }

  /** Reads the non-blank strings of an array; empty when it is missing. */
  public List<String> texts(String field) {
    List<String> elements = new ArrayList<>();
    int index = 0;
    for (JsonNode element : array(field)) {
      String place = field + "/" + index++;
      if (element.isTextual() && !element.textValue().isBlank()) {
        elements.add(element.textValue());
      } else {
        errors.add(
            FieldError.at(
                pointer + "/" + place,
                "WRONG_TYPE",
                "Expected is a string that is not blank, found " + JsonText.typeOf(element)));
        elements.add("");
      }
    }
    return elements;
  }

  /** Records every field that was not read. */
  public void end() {
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                errors.add(
                    FieldError.at(
                        pointer + "/" + JsonText.escaped(JsonText.shortened(name)),
                        "UNKNOWN_FIELD",
                        "There is no such field; known here: " + String.join(", ", known)));
              }
            });
  }

  private Iterable<JsonNode> array(String field) {
    JsonNode node = take(field);
    if (node == null) {
      return List.of();
    }
    if (!node.isArray()) {
      wrong(field, "WRONG_TYPE", "Expected is an array, found " + JsonText.typeOf(node));
      return List.of();
    }
    return node;
  }

  private @Nullable JsonNode take(String field) {
    known.add(field);
    return has(field) ? object.get(field) : null;
  }
}
