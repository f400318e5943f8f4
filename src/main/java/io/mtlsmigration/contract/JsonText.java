// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.contract;

import com.fasterxml.jackson.databind.JsonNode;

/** Describes parts of a body in problems. */
public final class JsonText {

  /** The maximum length in characters; a value may be as long as a body. */
  private static final int SHOWN = 80;

  private JsonText() {}

  /** Returns the type of a value, for "found …". */
  public static String typeOf(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case STRING -> node.textValue().isBlank() ? "a blank string" : "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "a boolean";
      default -> "null";
    };
  }

  public static String shortened(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }

  /** Returns a field's name as a part of a JSON pointer (RFC 6901, section 3). */
  public static String escaped(String field) {
    return field.replace("~", "~0").replace("/", "~1");
  }
}
