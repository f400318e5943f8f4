// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.mesh.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Converts the tree of one document to Kubernetes objects: unrolls lists, and requires the fields
 * that every object has.
 */
final class Documents implements TreeBuilder.Sink {

  /** Counts the objects of all documents of a source. */
  static final class Count {
    private int objects;
  }

  private static final String LIST = "List";
  private static final String ITEMS = "items";

  private final ReadLimits limits;
  private final ProblemLog problems;
  private final int document;
  private final Count count;
  private final Consumer<Manifest> out;

  /** Items without a kind, whose list's kind comes after them. */
  private final List<Placed> unnamed = new ArrayList<>();

  Documents(
      ReadLimits limits, ProblemLog problems, int document, Count count, Consumer<Manifest> out) {
    this.limits = limits;
    this.problems = problems;
    this.document = document;
    this.count = count;
    this.out = out;
  }

  @Override
  public boolean wantsItems() {
    return true;
  }

  @Override
  public void item(int index, JsonNode item, Mark at) {
    Placed placed = new Placed(item, "/items/" + index, at);
    if (item.isObject() && !item.hasNonNull("kind")) {
      unnamed.add(placed);
    } else {
      object(placed);
    }
  }

  @Override
  public void root(JsonNode root, Mark at, int items) {
    Placed placed = new Placed(root, "", at);
    if (root.isNull()) {
      return; // an empty document
    }
    if (items == 0) {
      object(placed);
      return;
    }
    if (!isList(root)) {
      problem(placed, "/items", "only a List has items at its top, and the kind is no List");
    }
    unnamed.forEach(item -> object(typed(item, root)));
  }

  private void object(Placed placed) {
    boolean item = !placed.pointer.isEmpty();
    if (!(placed.tree instanceof ObjectNode tree)) {
      String type = ManifestFields.typeOf(placed.tree);
      boolean meant = item || placed.tree.path(0).has("apiVersion");
      String what =
          meant ? "must be a Kubernetes object, but is " : ManifestProblem.NO_OBJECT + "it is ";
      problem(placed, "", what + type);
    } else if (isList(tree)) {
      list(placed, tree.path(ITEMS));
    } else if (!item && !lacks(tree).isEmpty()) {
      problem(placed, "", ManifestProblem.NO_OBJECT + "it has " + lacks(tree));
    } else {
      single(placed, tree);
    }
  }

  /**
   * Returns what a tree lacks that nobody can have meant for an object; empty for others, such as
   * one whose author forgot its kind.
   */
  private static String lacks(ObjectNode tree) {
    boolean kind = tree.hasNonNull("kind");
    if (!tree.hasNonNull("apiVersion")) {
      return !kind
          ? "neither apiVersion nor kind"
          : Kinds.named(tree.path("kind").asText()) ? "" : "no apiVersion";
    }
    return kind || tree.has("metadata") ? "" : "neither kind nor metadata";
  }

  private void list(Placed list, JsonNode items) {
    if (!items.isArray() && !items.isNull() && !items.isMissingNode()) {
      problem(list, "/items", "must be a list, but is " + ManifestFields.typeOf(items));
      return;
    }
    int index = 0;
    for (JsonNode item : items) {
      String pointer = list.pointer + "/items/" + index++;
      object(typed(new Placed(item, pointer, list.at), list.tree));
    }
  }

  private void single(Placed placed, ObjectNode tree) {
    if (++count.objects > limits.maxObjects()) {
      throw problems.fatal(
          document, placed.at, placed.pointer, "more than " + limits.maxObjects() + " objects");
    }
    FieldErrors faults = new FieldErrors();
    ManifestFields fields = ManifestFields.of(tree, faults);
    String apiVersion = fields.required("apiVersion");
    String kind = fields.required("kind");
    ManifestFields metadata = fields.object("metadata");
    String name = name(apiVersion, kind, metadata);
    String namespace = metadata.text("namespace", "");
    metadata.strings("labels");
    metadata.strings("annotations");
    faults.forEach((pointer, reason) -> problem(placed, pointer, reason));
    if (faults.isEmpty()) {
      ObjectRef ref = Kinds.ref(apiVersion, kind, namespace, name);
      out.accept(
          new Manifest(
              ref,
              apiVersion,
              tree,
              problems.source(),
              document,
              placed.at.line(),
              placed.pointer));
    }
  }

  /**
   * Returns the name, or the beginning of one that the API server would end. What tools read beside
   * manifests, and never send to an API server, may lack both.
   */
  private String name(String apiVersion, String kind, ManifestFields metadata) {
    String generated = metadata.text("generateName", "");
    if (!metadata.has("name") && !generated.isEmpty()) {
      return generated + count.objects;
    }
    boolean other = !apiVersion.isEmpty() && !kind.isEmpty() && !Kinds.known(apiVersion, kind);
    return other && !metadata.has("name") ? "" : metadata.required("name");
  }

  /**
   * Returns whether the tree is a list: a kind may end in List and be none, but only lists have
   * items at their top.
   */
  private static boolean isList(JsonNode tree) {
    String kind = tree.path("kind").asText("");
    return kind.equals(LIST) || (kind.endsWith(LIST) && tree.has(ITEMS));
  }

  /** Adds the type to an item of a typed list, where the API server omits it. */
  private static Placed typed(Placed item, JsonNode list) {
    String kind = list.path("kind").asText("");
    boolean tells = kind.endsWith(LIST) && !kind.equals(LIST);
    if (!tells || !(item.tree instanceof ObjectNode tree) || tree.hasNonNull("kind")) {
      return item;
    }
    ObjectNode whole = tree.objectNode();
    whole.set("apiVersion", list.path("apiVersion"));
    whole.put("kind", kind.substring(0, kind.length() - LIST.length()));
    whole.setAll(tree);
    return new Placed(whole, item.pointer, item.at);
  }

  private void problem(Placed placed, String pointer, String reason) {
    problems.add(document, placed.at, placed.pointer + pointer, reason);
  }

  private record Placed(JsonNode tree, String pointer, Mark at) {}
}
