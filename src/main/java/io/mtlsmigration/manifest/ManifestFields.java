// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads the fields of a JSON object as types, recording each wrong type with its pointer. Absent
 * fields and nulls are equal, as for the API server.
 */
final class ManifestFields {

  private static final Pattern DIGITS = Pattern.compile("[0-9]+");

  private final JsonNode node;
  private final String pointer;
  private final FieldErrors faults;

  private ManifestFields(JsonNode node, String pointer, FieldErrors faults) {
    this.node = node;
    this.pointer = pointer;
    this.faults = faults;
  }

  static ManifestFields of(JsonNode object, FieldErrors faults) {
    return at(object, "", faults);
  }

  private static ManifestFields at(JsonNode node, String pointer, FieldErrors faults) {
    if (!node.isObject() && !absent(node)) {
      faults.add(pointer, "must be an object, but is " + typeOf(node));
      // Missing fields of a wrong value are a consequence, and not reported in addition.
      return new ManifestFields(MissingNode.getInstance(), pointer, new FieldErrors());
    }
    return new ManifestFields(node, pointer, faults);
  }

  static String typeOf(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "a list";
      case BOOLEAN -> "a boolean";
      case NUMBER -> "a number";
      case OBJECT -> "an object";
      case STRING -> "a string";
      default -> "empty";
    };
  }

  private static boolean absent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  boolean has(String name) {
    return !absent(node.path(name));
  }

  JsonNode tree() {
    return node;
  }

  String pointer(String name) {
    return pointer + "/" + TreeBuilder.escape(name);
  }

  void fault(String name, String reason) {
    faults.add(pointer(name), reason);
  }

  /** Returns an object; without any field when it is absent. */
  ManifestFields object(String name) {
    return at(node.path(name), pointer(name), faults);
  }

  /** Returns the objects of a list; none when it is absent. */
  List<ManifestFields> objects(String name) {
    List<ManifestFields> list = new ArrayList<>();
    for (JsonNode element : elements(name)) {
      list.add(at(element, pointer(name) + "/" + list.size(), faults));
    }
    return list;
  }

  /** Returns the entries of a map of objects. */
  Map<String, ManifestFields> map(String name) {
    Map<String, ManifestFields> map = new LinkedHashMap<>();
    object(name)
        .node
        .properties()
        .forEach(
            e ->
                map.put(
                    e.getKey(),
                    at(
                        e.getValue(),
                        pointer(name) + "/" + TreeBuilder.escape(e.getKey()),
                        faults)));
    return map;
  }

  String text(String name, String absent) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return absent;
    }
    if (!value.isTextual()) {
      fault(name, mustBeText(value));
      return absent;
    }
    return value.textValue();
  }

  private static String mustBeText(JsonNode value) {
    String quote = value.isValueNode() ? ": put it in quotes" : "";
    return "must be a string, but is " + typeOf(value) + quote;
  }

  String required(String name) {
    JsonNode value = node.path(name);
    if (absent(value) || (value.isTextual() && value.textValue().isEmpty())) {
      fault(name, "is required");
      return "";
    }
    return text(name, "");
  }

  List<String> texts(String name) {
    List<String> list = new ArrayList<>();
    int i = 0;
    for (JsonNode element : elements(name)) {
      if (element.isTextual()) {
        list.add(element.textValue());
      } else {
        faults.add(pointer(name) + "/" + i, mustBeText(element));
      }
      i++;
    }
    return list;
  }

  Map<String, String> strings(String name) {
    Map<String, String> map = new LinkedHashMap<>();
    ManifestFields object = object(name);
    object
        .node
        .properties()
        .forEach(
            e -> {
              if (e.getValue().isTextual()) {
                map.put(e.getKey(), e.getValue().textValue());
              } else if (absent(e.getValue())) {
                map.put(e.getKey(), "");
              } else {
                object.fault(e.getKey(), mustBeText(e.getValue()));
              }
            });
    return map;
  }

  boolean flag(String name) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return false;
    }
    if (!value.isBoolean()) {
      fault(name, "must be true or false, but is " + typeOf(value));
    }
    return value.booleanValue();
  }

  int integer(String name, int absent, int least, int most) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return absent;
    }
    if (!value.isIntegralNumber()) {
      fault(name, "must be an integer, but is " + typeOf(value));
      return absent;
    }
    if (!value.canConvertToInt() || value.intValue() < least || value.intValue() > most) {
      fault(name, "must be from " + least + " to " + most);
      return absent;
    }
    return value.intValue();
  }

  int port(String name) {
    return integer(name, 0, 1, 65_535);
  }

  /** Returns a port as a decimal number, or its name; a text of digits is a number, too. */
  String portOrName(String name, String absent) {
    JsonNode value = node.path(name);
    if (value.isNumber()) {
      return String.valueOf(port(name));
    }
    String text = text(name, absent);
    if (DIGITS.matcher(text).matches() && (text.length() > 5 || Integer.parseInt(text) > 65_535)) {
      fault(name, "'" + text + "' is not a port");
      return absent;
    }
    return text;
  }

  /** Returns the constant of that name; empty when the field is absent or names no constant. */
  <E extends Enum<E>> Optional<E> constant(String name, List<E> constants) {
    String text = text(name, "");
    if (!has(name) || !node.path(name).isTextual()) {
      return Optional.empty();
    }
    for (E constant : constants) {
      if (constant.name().equals(text)) {
        return Optional.of(constant);
      }
    }
    fault(name, "'" + text + "' is none of " + constants);
    return Optional.empty();
  }

  /** Records every field that is not among these. */
  void only(String... names) {
    List<String> known = List.of(names);
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                fault(name, "is not a field here");
              }
            });
  }

  private Iterable<JsonNode> elements(String name) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return List.of();
    }
    if (!value.isArray()) {
      fault(name, "must be a list, but is " + typeOf(value));
      return List.of();
    }
    return value;
  }
}
