// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.Reader;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Feeds the documents of a YAML stream to a {@link TreeBuilder}. Only the library's event level is
 * used: its composer resolves aliases into shared nodes and recurses with the document's depth.
 */
final class YamlTrees {

  private static final LoadSettings SETTINGS =
      LoadSettings.builder()
          .setLabel("manifest")
          .setCodePointLimit(Integer.MAX_VALUE) // SourceText bounds the bytes
          .setBufferSize(8 << 10)
          .build();

  private static final String CORE_TAGS = "tag:yaml.org,2002:";

  private final ProblemLog problems;
  private final IntFunction<TreeBuilder> builders;
  private final JsonDocuments.@Nullable Malformed malformedJson;
  private final int linesBefore;
  private int document;

  /**
   * Creates a parser.
   *
   * @param builders makes the builder of the document with that number, from 1
   * @param before the JSON texts of the same source that come before
   * @param malformedJson why the first document is none of them; it is told in place of an error of
   *     YAML that is not further on: what was meant as JSON gets further as JSON
   */
  YamlTrees(
      ProblemLog problems,
      IntFunction<TreeBuilder> builders,
      JsonTrees.End before,
      JsonDocuments.@Nullable Malformed malformedJson) {
    this.problems = problems;
    this.builders = builders;
    this.malformedJson = malformedJson;
    linesBefore = before.line() - 1;
    document = before.documents();
  }

  /**
   * Reads to the end.
   *
   * @throws ProblemLog.Stop after a syntax error, which is recorded
   * @throws IOException when the source fails
   */
  void read(Reader text) throws IOException {
    try {
      Iterator<Event> events = new Parse(SETTINGS).parseReader(text).iterator();
      TreeBuilder builder = builders.apply(document + 1);
      for (Event event = next(events); event != null; event = next(events)) {
        if (event.getEventId() == Event.ID.DocumentStart) {
          builder = builders.apply(++document);
        } else {
          feed(builder, event);
        }
      }
    } catch (MarkedYamlEngineException e) {
      throw malformed(mark(e.getProblemMark().or(e::getContextMark)), said(e));
    } catch (ReaderException e) {
      throw malformed(
          Mark.UNKNOWN, "the character U+%04X is not allowed".formatted(e.getCodePoint()));
    } catch (YamlEngineException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw problems.fatal(Math.max(document, 1), Mark.UNKNOWN, "", "malformed YAML");
    }
  }

  /**
   * Returns the next event; null at the end. Exceptions of the library's own number parsing escape
   * from it, as for an escape sequence beyond Unicode; they are caught here.
   */
  private @Nullable Event next(Iterator<Event> events) {
    try {
      return events.hasNext() ? events.next() : null;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw malformed(Mark.UNKNOWN, "an invalid escape or number");
    }
  }

  private ProblemLog.Stop malformed(Mark at, String message) {
    if (malformedJson != null && at.line() > 0 && !at.isAfter(after(malformedJson.at()))) {
      return problems.fatal(
          Math.max(document, 1),
          after(malformedJson.at()),
          "",
          "malformed JSON: " + malformedJson.message());
    }
    return problems.fatal(Math.max(document, 1), at, "", "malformed YAML: " + message);
  }

  private static String said(MarkedYamlEngineException e) {
    String context = e.getContext();
    return context == null || context.isEmpty() ? e.getProblem() : context + ", " + e.getProblem();
  }

  private void feed(TreeBuilder builder, Event event) {
    Mark at = mark(event.getStartMark());
    switch (event) {
      case AliasEvent alias -> {
        if (builder.awaitsKey()) {
          throw builder.fatal(at, "a key must be a scalar, not an alias");
        }
        builder.alias(alias.getAlias().getValue(), at);
      }
      case ScalarEvent scalar when builder.awaitsKey() -> key(builder, scalar, at);
      case ScalarEvent scalar -> builder.scalar(value(builder, scalar, at), at, anchor(scalar));
      case CollectionStartEvent start -> collection(builder, start, at);
      default -> {
        if (event.getEventId() == Event.ID.MappingEnd
            || event.getEventId() == Event.ID.SequenceEnd) {
          builder.end();
        }
      }
    }
  }

  private static void collection(TreeBuilder builder, CollectionStartEvent start, Mark at) {
    if (builder.awaitsKey()) {
      throw builder.fatal(at, "a key must be a scalar");
    }
    boolean map = start.getEventId() == Event.ID.MappingStart;
    String tag = start.getTag().orElse("");
    if (!tag.isEmpty() && !tag.equals(CORE_TAGS + (map ? "map" : "seq"))) {
      builder.problem(at, "the tag " + tag + " is not supported");
    }
    if (map) {
      builder.startObject(at, anchor(start));
    } else {
      builder.startArray(at, anchor(start));
    }
  }

  private static void key(TreeBuilder builder, ScalarEvent scalar, Mark at) {
    if (scalar.isPlain() && scalar.getTag().isEmpty() && scalar.getValue().equals("<<")) {
      builder.mergeKey();
      return;
    }
    JsonNode key = value(builder, scalar, at);
    if (key.isNull()) {
      builder.problem(at, "a key must not be null");
    }
    // Numbers as keys become their decimal form, as on the way to the API server.
    builder.key(key.isIntegralNumber() ? key.asText() : scalar.getValue(), at);
  }

  private static JsonNode value(TreeBuilder builder, ScalarEvent scalar, Mark at) {
    String text = scalar.getValue();
    String tag = scalar.getTag().orElse("");
    if (tag.isEmpty() && scalar.isPlain()) {
      JsonNode value = YamlScalars.resolve(text);
      return value == null ? unspeakable(builder, text, at) : value;
    }
    if (tag.isEmpty() || tag.equals("!") || tag.equals(CORE_TAGS + "str")) {
      return JsonNodeFactory.instance.textNode(text);
    }
    return tagged(builder, tag, text, at);
  }

  private static JsonNode tagged(TreeBuilder builder, String tag, String text, Mark at) {
    JsonNode value = YamlScalars.resolve(text);
    if (value == null) {
      return unspeakable(builder, text, at);
    }
    boolean fits =
        switch (tag.startsWith(CORE_TAGS) ? tag.substring(CORE_TAGS.length()) : "") {
          case "bool" -> value instanceof BooleanNode;
          case "int" -> value.isIntegralNumber();
          case "float" -> value.isNumber();
          case "null" -> value.isNull();
          default -> false;
        };
    if (!fits) {
      builder.problem(
          at, "the value does not fit the tag " + tag + ", or the tag is not supported");
    }
    return value;
  }

  private static JsonNode unspeakable(TreeBuilder builder, String text, Mark at) {
    builder.problem(at, text + " is not a number of JSON");
    return JsonNodeFactory.instance.nullNode();
  }

  private static @Nullable String anchor(NodeEvent event) {
    return event.getAnchor().map(Anchor::getValue).orElse(null);
  }

  private Mark mark(Optional<org.snakeyaml.engine.v2.exceptions.Mark> mark) {
    return mark.map(m -> after(new Mark(m.getLine() + 1, m.getColumn() + 1))).orElse(Mark.UNKNOWN);
  }

  private Mark after(Mark at) {
    return new Mark(linesBefore + at.line(), at.column());
  }
}
