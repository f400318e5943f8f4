// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Prints trees in YAML's block style, as kubectl does: dashes are not indented below their key. Not
 * recursive, so that trees of any depth can be printed.
 */
final class YamlPrinter {

  private static final List<String> FIRST =
      List.of("apiVersion", "kind", "metadata", "name", "namespace");

  private static final Comparator<String> KEYS =
      Comparator.comparingInt(YamlPrinter::rank)
          .thenComparingInt(YamlPrinter::number)
          .thenComparing(key -> key);

  /** Scalars that every reader of YAML, of any version, takes for text. */
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z_/][A-Za-z0-9_./@-]*(?::[A-Za-z0-9_./@-]+)*");

  /** The longest implicit key; YAML requires the mark of an explicit one beyond 1,024. */
  private static final int LONGEST_IMPLICIT_KEY = 1_000;

  private final StringBuilder text;

  YamlPrinter(StringBuilder text) {
    this.text = text;
  }

  void document(JsonNode object) {
    if (isInline(object)) {
      text.append(inline(object)).append('\n');
      return;
    }
    Deque<Level> levels = new ArrayDeque<>();
    levels.push(new Level(object, 0));
    boolean lineBegun = false;
    while (!levels.isEmpty()) {
      Level level = levels.element();
      if (!level.hasNext()) {
        levels.pop();
        continue;
      }
      if (!lineBegun) {
        text.repeat(' ', level.indent);
      }
      lineBegun = level.elements != null ? element(levels, level) : entry(levels, level);
    }
  }

  /** Prints the beginning of an element; returns whether its content continues on the same line. */
  private boolean element(Deque<Level> levels, Level level) {
    JsonNode value = level.nextElement();
    text.append("- ");
    if (isInline(value)) {
      text.append(inline(value)).append('\n');
      return false;
    }
    levels.push(new Level(value, level.indent + 2));
    return true;
  }

  private boolean entry(Deque<Level> levels, Level level) {
    Map.Entry<String, JsonNode> entry = level.nextEntry();
    String key = scalar(entry.getKey());
    if (key.length() > LONGEST_IMPLICIT_KEY) {
      text.append("? ").append(key).append('\n').repeat(' ', level.indent).append(':');
    } else {
      text.append(key).append(':');
    }
    JsonNode value = entry.getValue();
    if (isInline(value)) {
      text.append(' ').append(inline(value)).append('\n');
      return false;
    }
    text.append('\n');
    levels.push(new Level(value, level.indent + (value.isArray() ? 0 : 2)));
    return false;
  }

  private static boolean isInline(JsonNode value) {
    return !value.isContainerNode() || value.isEmpty();
  }

  private static String inline(JsonNode value) {
    if (value.isObject()) {
      return "{}";
    }
    if (value.isArray()) {
      return "[]";
    }
    return value.isTextual() ? scalar(value.textValue()) : value.asText();
  }

  /** Returns the scalar, quoted unless every reader of YAML takes it for the same string. */
  private static String scalar(String value) {
    return PLAIN.matcher(value).matches() && YamlScalars.isText(value) ? value : quoted(value);
  }

  private static String quoted(String value) {
    StringBuilder quoted = new StringBuilder("\"");
    value.codePoints().forEach(c -> appendQuoted(quoted, c));
    return quoted.append('"').toString();
  }

  private static void appendQuoted(StringBuilder quoted, int c) {
    switch (c) {
      case '"', '\\' -> quoted.append('\\').appendCodePoint(c);
      case '\n' -> quoted.append("\\n");
      case '\t' -> quoted.append("\\t");
      default -> {
        if ((c >= ' ' && c < 0x7F) || Character.isLetterOrDigit(c)) {
          quoted.appendCodePoint(c);
        } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
          quoted.append('\uFFFD'); // an unpaired surrogate, which no encoding can represent
        } else {
          quoted.append(c > 0xFFFF ? "\\U%08X".formatted(c) : "\\u%04X".formatted(c));
        }
      }
    }
  }

  private static int rank(String key) {
    int place = FIRST.indexOf(key);
    return place < 0 ? FIRST.size() : place;
  }

  /** Returns the sort value of a key: ports are sorted by number, before all other keys. */
  private static int number(String key) {
    return key.matches("[0-9]{1,5}") ? Integer.parseInt(key) : Integer.MAX_VALUE;
  }

  /** A map or list with remaining entries; one of the iterators is set. */
  private static final class Level {
    final int indent;
    final @Nullable Iterator<JsonNode> elements;
    private final @Nullable Iterator<Map.Entry<String, JsonNode>> entries;

    Level(JsonNode node, int indent) {
      this.indent = indent;
      this.elements = node.isArray() ? node.elements() : null;
      this.entries = node.isArray() ? null : ordered(node).iterator();
    }

    private static List<Map.Entry<String, JsonNode>> ordered(JsonNode object) {
      List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(object.properties());
      entries.sort(Map.Entry.comparingByKey(KEYS));
      return entries;
    }

    boolean hasNext() {
      return elements != null ? elements.hasNext() : Objects.requireNonNull(entries).hasNext();
    }

    JsonNode nextElement() {
      return Objects.requireNonNull(elements).next();
    }

    Map.Entry<String, JsonNode> nextEntry() {
      return Objects.requireNonNull(entries).next();
    }
  }
}
