// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Builds the tree of one document from the events of a YAML or JSON parser, without recursion, and
 * hands over the items of a List one by one, so that a dump of a whole cluster is never in memory
 * at once. Counts everything that a hostile document could inflate.
 */
final class TreeBuilder {

  /** Receives the parts of a document. */
  interface Sink {
    /** Returns true to get the items at the document's top one by one, and it without them. */
    boolean wantsItems();

    void item(int index, JsonNode item, Mark at);

    /**
     * Receives the document.
     *
     * @param items the number of items handed over before
     */
    void root(JsonNode root, Mark at, int items);
  }

  private static final String ITEMS = "items";
  private static final String MERGE = "<<";

  private final ReadLimits limits;
  private final ProblemLog problems;
  private final int document;
  private final Sink sink;

  private final Deque<Frame> open = new ArrayDeque<>();
  private final Map<String, Anchored> anchors = new HashMap<>();
  private int aliases;
  private int items;

  /** The size of the current object; reset for each item of a List. */
  private int nodes;

  private long chars;

  TreeBuilder(ReadLimits limits, ProblemLog problems, int document, Sink sink) {
    this.limits = limits;
    this.problems = problems;
    this.document = document;
    this.sink = sink;
  }

  /** Returns whether the next scalar is a key. */
  boolean awaitsKey() {
    Frame top = open.peek();
    return top != null && top.object != null && top.key == null;
  }

  void startObject(Mark at, @Nullable String anchor) {
    start(new Frame(JsonNodeFactory.instance.objectNode(), null, at, anchor, false), at);
  }

  void startArray(Mark at, @Nullable String anchor) {
    Frame parent = open.peek();
    boolean streamed =
        parent != null && open.size() == 1 && ITEMS.equals(parent.key) && sink.wantsItems();
    start(new Frame(null, JsonNodeFactory.instance.arrayNode(), at, anchor, streamed), at);
  }

  void key(String key, Mark at) {
    Frame top = Objects.requireNonNull(open.peek());
    if (key.length() > limits.maxKeyChars()) {
      throw fatal(at, "a key is longer than " + limits.maxKeyChars() + " characters");
    }
    count(0, key.length(), at);
    top.chars += key.length();
    top.key = key;
    if (!top.keys().add(key)) {
      problems.add(document, at, pointer(), "the key is given twice");
    }
  }

  /** Handles a key {@code <<}, which merges the entries of another map. */
  void mergeKey() {
    Frame top = Objects.requireNonNull(open.peek());
    top.key = MERGE;
    top.merging = true;
  }

  void scalar(JsonNode value, Mark at, @Nullable String anchor) {
    int length = value.isTextual() ? value.textValue().length() : 1;
    count(1, length, at);
    complete(value, new Size(1, length, 0), at, anchor);
  }

  void end() {
    Frame frame = open.pop();
    JsonNode value = frame.object != null ? frame.object : Objects.requireNonNull(frame.array);
    if (frame.object != null) {
      frame.merged.forEach(
          map -> map.properties().forEach(e -> frame.object.putIfAbsent(e.getKey(), e.getValue())));
    }
    complete(
        value, new Size(frame.nodes + 1, frame.chars, frame.height + 1), frame.at, frame.anchor);
  }

  void alias(String name, Mark at) {
    if (++aliases > limits.maxAliases()) {
      throw fatal(at, "more than " + limits.maxAliases() + " aliases");
    }
    Anchored anchored = anchors.get(name);
    if (anchored == null) {
      boolean within = open.stream().anyMatch(frame -> name.equals(frame.anchor));
      throw fatal(
          at,
          "the alias *" + name + (within ? " stands for a value that contains it" : " is unknown"));
    }
    if (open.size() + anchored.size.height > limits.maxDepth()) {
      throw tooDeep(at);
    }
    count(anchored.size.nodes, anchored.size.chars, at);
    // A copy, so that a change in one place does not affect the others.
    complete(anchored.value.deepCopy(), anchored.size, at, null);
  }

  /** Returns the pointer of the current value. */
  String pointer() {
    StringBuilder text = new StringBuilder();
    open.descendingIterator()
        .forEachRemaining(
            frame -> {
              if (frame.array != null) {
                text.append('/').append(frame.streamed ? items : frame.array.size());
              } else if (frame.key != null) {
                text.append('/').append(escape(frame.key));
              }
            });
    return text.toString();
  }

  static String escape(String key) {
    String short_ = key.length() > 200 ? key.substring(0, 200) + "…" : key;
    return short_.replace("~", "~0").replace("/", "~1");
  }

  ProblemLog.Stop fatal(Mark at, String message) {
    return problems.fatal(document, at, pointer(), message);
  }

  void problem(Mark at, String message) {
    problems.add(document, at, pointer(), message);
  }

  private void start(Frame frame, Mark at) {
    if (open.size() >= limits.maxDepth()) {
      throw tooDeep(at);
    }
    Frame parent = open.peek();
    if (parent != null && parent.streamed) {
      nodes = 0;
      chars = 0;
    }
    count(1, 0, at);
    open.push(frame);
  }

  private ProblemLog.Stop tooDeep(Mark at) {
    return fatal(at, "nested deeper than " + limits.maxDepth() + " levels");
  }

  private void count(int moreNodes, long moreChars, Mark at) {
    nodes += moreNodes;
    chars += moreChars;
    if (nodes > limits.maxObjectNodes()) {
      throw fatal(at, "an object has more than " + limits.maxObjectNodes() + " values");
    }
    if (chars > limits.maxObjectChars()) {
      throw fatal(at, "an object has more than " + limits.maxObjectChars() + " characters");
    }
  }

  private void complete(JsonNode value, Size size, Mark at, @Nullable String anchor) {
    if (anchor != null) {
      anchors.put(anchor, new Anchored(value, size));
      if (anchors.size() > limits.maxAliases()) {
        throw fatal(at, "more than " + limits.maxAliases() + " anchors");
      }
    }
    Frame parent = open.peek();
    if (parent == null) {
      sink.root(value, at, items);
    } else if (parent.streamed) {
      sink.item(items++, value, at);
    } else {
      parent.nodes += size.nodes;
      parent.chars += size.chars;
      parent.height = Math.max(parent.height, size.height);
      put(parent, value, at);
    }
  }

  private void put(Frame parent, JsonNode value, Mark at) {
    if (parent.array != null) {
      parent.array.add(value);
      return;
    }
    if (parent.merging) {
      merge(parent, value, at);
    } else {
      Objects.requireNonNull(parent.object).set(Objects.requireNonNull(parent.key), value);
    }
    parent.key = null;
    parent.merging = false;
  }

  private void merge(Frame parent, JsonNode value, Mark at) {
    Iterable<JsonNode> maps = value.isArray() ? value : List.of(value);
    for (JsonNode map : maps) {
      if (map instanceof ObjectNode object) {
        parent.merged.add(object);
      } else {
        problems.add(document, at, pointer(), "only maps can be merged");
        return;
      }
    }
  }

  private record Size(int nodes, long chars, int height) {}

  private record Anchored(JsonNode value, Size size) {}

  /** A map or sequence that has not ended. Exactly one of object and array is set. */
  private static final class Frame {
    final @Nullable ObjectNode object;
    final @Nullable ArrayNode array;
    final Mark at;
    final @Nullable String anchor;

    /** True when its elements go to the sink instead of into the tree. */
    final boolean streamed;

    final List<ObjectNode> merged = new ArrayList<>(0);
    private @Nullable Set<String> keys;
    @Nullable String key;
    boolean merging;
    int nodes;
    long chars;
    int height;

    Frame(
        @Nullable ObjectNode object,
        @Nullable ArrayNode array,
        Mark at,
        @Nullable String anchor,
        boolean streamed) {
      this.object = object;
      this.array = array;
      this.at = at;
      this.anchor = anchor;
      this.streamed = streamed;
    }

    Set<String> keys() {
      Set<String> set = keys;
      if (set == null) {
        set = new HashSet<>();
        keys = set;
      }
      return set;
    }
  }
}
