// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.Reader;
import java.util.function.IntFunction;

/** Feeds the JSON texts of one source, one after another, to a {@link TreeBuilder}. */
final class JsonTrees {

  private final ReadLimits limits;
  private final ProblemLog problems;
  private final IntFunction<TreeBuilder> builders;

  /**
   * Creates a parser.
   *
   * @param builders makes the builder of the document with that number, from 1
   */
  JsonTrees(ReadLimits limits, ProblemLog problems, IntFunction<TreeBuilder> builders) {
    this.limits = limits;
    this.problems = problems;
    this.builders = builders;
  }

  /**
   * The place at which the texts ended.
   *
   * @param documents the number of texts
   * @param line the last line, from 1
   */
  record End(int documents, int line) {}

  /**
   * Reads to the end.
   *
   * @throws ProblemLog.Stop after a syntax error, which is recorded
   * @throws IOException when the source fails
   */
  End read(Reader text) throws IOException {
    int document = 1;
    boolean between = false;
    try (JsonParser parser = factory(limits).createParser(text)) {
      TreeBuilder builder = builders.apply(document);
      int depth = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        between = false;
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        feed(builder, parser, token);
        if (depth == 0) {
          builder = builders.apply(++document);
          between = true;
        }
      }
      return new End(document - 1, parser.currentLocation().getLineNr());
    } catch (JsonProcessingException e) {
      String hint = between ? " (JSON texts follow one another without any marker)" : "";
      throw problems.fatal(
          document, mark(e.getLocation()), "", "malformed JSON: " + said(e) + hint);
    }
  }

  /** Returns the library's message, without the name of its setting. */
  static String said(JsonProcessingException e) {
    return e.getOriginalMessage().replaceAll(", from `[^`]*`", "");
  }

  /** Returns parsers within the limits. */
  static JsonFactory factory(ReadLimits limits) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(limits.maxDepth() + 1) // the builder has a better message
                .maxStringLength(limits.maxObjectChars())
                .maxNameLength(limits.maxKeyChars())
                .maxNumberLength(100)
                .build())
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .build();
  }

  private static void feed(TreeBuilder builder, JsonParser parser, JsonToken token)
      throws IOException {
    Mark at = mark(parser.currentTokenLocation());
    switch (token) {
      case START_OBJECT -> builder.startObject(at, null);
      case START_ARRAY -> builder.startArray(at, null);
      case END_OBJECT, END_ARRAY -> builder.end();
      case FIELD_NAME -> builder.key(parser.currentName(), at);
      default -> builder.scalar(scalar(parser, token), at, null);
    }
  }

  private static JsonNode scalar(JsonParser parser, JsonToken token) throws IOException {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (token) {
      case VALUE_STRING -> nodes.textNode(parser.getText());
      case VALUE_TRUE -> nodes.booleanNode(true);
      case VALUE_FALSE -> nodes.booleanNode(false);
      case VALUE_NUMBER_FLOAT -> nodes.numberNode(parser.getDoubleValue());
      case VALUE_NUMBER_INT ->
          switch (parser.getNumberType()) {
            case INT -> nodes.numberNode(parser.getIntValue());
            case LONG -> nodes.numberNode(parser.getLongValue());
            default -> nodes.numberNode(parser.getBigIntegerValue());
          };
      default -> nodes.nullNode();
    };
  }

  static Mark mark(JsonLocation location) {
    return location == null ? Mark.UNKNOWN : new Mark(location.getLineNr(), location.getColumnNr());
  }
}
