package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes objects as YAML for people, {@code kubectl apply} and GitOps repositories. The same object
 * always gives the same text: apiVersion, kind, metadata (name and namespace first) and spec lead,
 * maps without an order of their own are sorted.
 */
public final class ManifestWriter {

  private static final List<String> FIRST =
      List.of("apiVersion", "kind", "metadata", "name", "namespace");

  private static final Comparator<String> PORTS =
      Comparator.comparing((String port) -> port.length()).thenComparing(port -> port);

  private ManifestWriter() {}

  /** A PeerAuthentication with nothing but what its author decides: name, place and spec. */
  public static ObjectNode peerAuthentication(ObjectRef ref, PeerAuthentication.Spec spec) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "security.istio.io/v1");
    object.put("kind", Kinds.PEER_AUTHENTICATION);
    ObjectNode metadata = object.putObject("metadata");
    metadata.put("name", ref.name());
    metadata.put("namespace", ref.namespace());
    object.set("spec", spec(spec));
    return object;
  }

  /** The {@code spec} of a PeerAuthentication; what is UNSET is left out, as far as it may be. */
  public static ObjectNode spec(PeerAuthentication.Spec spec) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    if (!spec.selector().isEmpty()) {
      ObjectNode labels = node.putObject("selector").putObject("matchLabels");
      new TreeMap<>(spec.selector()).forEach(labels::put);
    }
    if (spec.mode() != MtlsMode.UNSET) {
      node.putObject("mtls").put("mode", spec.mode().name());
    }
    if (!spec.portModes().isEmpty()) {
      ObjectNode ports = node.putObject("portLevelMtls");
      new TreeMap<>(spec.portModes())
          .forEach((port, mode) -> ports.putObject(port.toString()).put("mode", mode.name()));
    }
    return node;
  }

  /** One document for each object, each begun by {@code ---}. */
  public static String yaml(List<? extends JsonNode> objects) {
    StringBuilder text = new StringBuilder();
    for (JsonNode object : objects) {
      text.append("---\n");
      new Printer(text).document(object);
    }
    return text.toString();
  }

  /** One document, without a marker. */
  public static String yaml(JsonNode object) {
    StringBuilder text = new StringBuilder();
    new Printer(text).document(object);
    return text.toString();
  }

  private static List<Map.Entry<String, JsonNode>> ordered(JsonNode object) {
    List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(object.properties());
    boolean ports =
        entries.stream().allMatch(e -> e.getKey().matches("[0-9]{1,5}")) && entries.size() > 1;
    Comparator<String> order =
        ports ? PORTS : Comparator.comparingInt(ManifestWriter::rank).thenComparing(k -> k);
    entries.sort(Map.Entry.comparingByKey(order));
    return entries;
  }

  private static int rank(String key) {
    int place = FIRST.indexOf(key);
    return place < 0 ? FIRST.size() : place;
  }

  /**
   * Prints block style without recursion: trees of hostile depth come in through the reader only.
   */
  private static final class Printer {
    private final StringBuilder text;

    Printer(StringBuilder text) {
      this.text = text;
    }

    void document(JsonNode object) {
      if (!object.isContainerNode() || object.isEmpty()) {
        text.append(inline(object)).append('\n');
        return;
      }
      Deque<Level> levels = new ArrayDeque<>();
      levels.push(new Level(object, 0));
      boolean indented = false;
      while (!levels.isEmpty()) {
        Level level = levels.peek();
        if (!level.hasNext()) {
          levels.pop();
          continue;
        }
        if (!indented) {
          text.repeat(' ', level.indent);
        }
        indented = line(levels, level);
      }
    }

    /** Prints the beginning of an entry; true when the next entry goes on in the same line. */
    private boolean line(Deque<Level> levels, Level level) {
      JsonNode value;
      if (level.array) {
        text.append("- ");
        value = level.nextElement();
      } else {
        Map.Entry<String, JsonNode> entry = level.nextEntry();
        text.append(scalar(entry.getKey())).append(':');
        value = entry.getValue();
      }
      if (!value.isContainerNode() || value.isEmpty()) {
        text.append(level.array ? "" : " ").append(inline(value)).append('\n');
        return false;
      }
      if (level.array) {
        levels.push(new Level(value, level.indent + 2));
        return true;
      }
      text.append('\n');
      // kubectl does not indent the dashes of a list below its key
      levels.push(new Level(value, level.indent + (value.isArray() ? 0 : 2)));
      return false;
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

    /** Plain when every reader of YAML, old or new, takes it for the same string; quoted if not. */
    private static String scalar(String value) {
      boolean plain =
          value.matches("[A-Za-z_/][A-Za-z0-9_./@-]*(?::[A-Za-z0-9_./@-]+)*")
              && YamlScalars.isText(value);
      return plain ? value : JsonNodeFactory.instance.textNode(value).toString();
    }
  }

  /** A map or list of which some entries are still to be printed. */
  private static final class Level {
    final boolean array;
    final int indent;
    private final Iterator<JsonNode> elements;
    private final Iterator<Map.Entry<String, JsonNode>> entries;

    Level(JsonNode node, int indent) {
      this.array = node.isArray();
      this.indent = indent;
      this.elements = node.elements();
      this.entries = ordered(node).iterator();
    }

    boolean hasNext() {
      return array ? elements.hasNext() : entries.hasNext();
    }

    JsonNode nextElement() {
      return elements.next();
    }

    Map.Entry<String, JsonNode> nextEntry() {
      return entries.next();
    }
  }
}
