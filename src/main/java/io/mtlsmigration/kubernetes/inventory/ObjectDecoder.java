// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.kubernetes.fields.StoredJson;
import io.mtlsmigration.manifest.UnreadFields;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/**
 * Decodes lists and events object by object, skipping unread fields. An object is as large as the
 * API server lets it be, and whoever may write in one namespace chooses its names and its depth:
 * one that could not be decoded would keep all others of its kind from being read.
 */
final class ObjectDecoder {

  /** Leaves its source open: the caller reads what follows the document, then closes it. */
  private static final JsonFactory JSON =
      StoredJson.factory(Integer.MAX_VALUE).disable(StreamReadFeature.AUTO_CLOSE_SOURCE).build();

  /** The deepest values that are kept; no reader looks half as deep. */
  private static final int DEEPEST = 100;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private ObjectDecoder() {}

  /**
   * The metadata of a list's page.
   *
   * @param next the token of the next page; empty after the last
   */
  record Page(String resourceVersion, String next) {}

  /**
   * An event of a watch.
   *
   * @param type {@code ADDED}, {@code MODIFIED}, {@code DELETED}, {@code BOOKMARK} or {@code ERROR}
   */
  record Event(String type, JsonNode object) {}

  /**
   * Reads a page and hands out its objects one by one; none is retained.
   *
   * @throws IOException when the page is not complete; some objects may have been handed out
   */
  static Page page(InputStream json, UnreadFields unread, Consumer<ObjectNode> each)
      throws IOException {
    JsonNode metadata = NODES.objectNode();
    try (JsonParser parser = JSON.createParser(json)) {
      begin(parser);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        if (field.equals("items") && value == JsonToken.START_ARRAY) {
          items(parser, unread, each);
        } else if (field.equals("metadata")) {
          metadata = tree(parser, UnreadFields.METADATA, 0);
        } else {
          parser.skipChildren();
        }
      }
      end(parser);
    }
    return new Page(
        metadata.path("resourceVersion").asText(""), metadata.path("continue").asText(""));
  }

  private static void items(JsonParser parser, UnreadFields unread, Consumer<ObjectNode> each)
      throws IOException {
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!(tree(parser, unread, 0) instanceof ObjectNode object)) {
        throw new IOException("an item of the list is not an object");
      }
      each.accept(object);
    }
  }

  static Event event(String json, UnreadFields unread) throws IOException {
    String type = "";
    JsonNode object = NODES.objectNode();
    try (JsonParser parser = JSON.createParser(json)) {
      begin(parser);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "type" -> type = parser.getText();
          case "object" -> object = tree(parser, unread, 0);
          default -> parser.skipChildren();
        }
      }
      end(parser);
    }
    return new Event(type, object);
  }

  /** Reads a whole document, such as a {@code metav1.Status}. */
  static JsonNode document(InputStream json) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      return tree(parser, UnreadFields.METADATA, 0);
    }
  }

  private static void begin(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new IOException("the API server did not answer with a JSON object");
    }
  }

  private static void end(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.END_OBJECT) {
      throw new IOException("the answer of the API server is cut off");
    }
  }

  /** Reads the value at the parser's current token; the parser then stands at its last token. */
  private static JsonNode tree(JsonParser parser, UnreadFields unread, int depth)
      throws IOException {
    if (depth > DEEPEST) {
      parser.skipChildren();
      return NODES.nullNode();
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, unread, depth);
      case START_ARRAY -> array(parser, unread, depth);
      case VALUE_STRING -> NODES.textNode(parser.getText());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
      case VALUE_NULL -> NODES.nullNode();
      case null, default -> throw new IOException("the answer of the API server is cut off");
    };
  }

  private static JsonNode integer(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT -> NODES.numberNode(parser.getIntValue());
      case LONG -> NODES.numberNode(parser.getLongValue());
      default -> NODES.numberNode(parser.getBigIntegerValue());
    };
  }

  private static JsonNode object(JsonParser parser, UnreadFields unread, int depth)
      throws IOException {
    ObjectNode object = NODES.objectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      UnreadFields below = unread.below(field);
      if (below.all()) {
        parser.skipChildren();
      } else {
        object.set(field, tree(parser, below, depth + 1));
      }
    }
    end(parser);
    return object;
  }

  private static JsonNode array(JsonParser parser, UnreadFields unread, int depth)
      throws IOException {
    ArrayNode array = NODES.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(tree(parser, unread, depth + 1));
    }
    return array;
  }
}
