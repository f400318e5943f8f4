// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.manifest.ObjectReader;
import io.mtlsmigration.manifest.ObjectReading;
import io.mtlsmigration.manifest.UnreadFields;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * A kind whose objects are all kept in memory. Compared by identity.
 *
 * @param <T> the facts that are kept of one object
 */
final class WatchedKind<T> {

  private final Resource resource;
  private final UnreadFields unread;
  private final BiFunction<ObjectReader, JsonNode, ObjectReading<T>> reader;
  private final Shape<T> shape;

  /** The filter of a kind's objects, and the parts of their facts that are interned. */
  record Shape<T>(Predicate<JsonNode> counts, boolean onlyIstioNamespace, SharedParts<T> shared) {

    static <T> Shape<T> plain() {
      return sharing((facts, sharing) -> facts);
    }

    static <T> Shape<T> sharing(SharedParts<T> shared) {
      return new Shape<>(object -> true, false, shared);
    }

    static <T> Shape<T> counting(Predicate<JsonNode> counts) {
      return new Shape<>(counts, false, (facts, sharing) -> facts);
    }

    static <T> Shape<T> inIstioNamespace(Predicate<JsonNode> counts) {
      return new Shape<>(counts, true, (facts, sharing) -> facts);
    }
  }

  /** Replaces parts of a value by equal ones that are stored already. */
  @FunctionalInterface
  interface SharedParts<T> {
    T share(T facts, Sharing sharing);
  }

  /**
   * Creates a kind.
   *
   * @param unread fields that decoding may skip
   */
  WatchedKind(
      Resource resource,
      UnreadFields unread,
      BiFunction<ObjectReader, JsonNode, ObjectReading<T>> reader,
      Shape<T> shape) {
    this.resource = resource;
    this.unread = unread;
    this.reader = reader;
    this.shape = shape;
  }

  Resource resource() {
    return resource;
  }

  UnreadFields unread() {
    return unread;
  }

  /** Returns the name under which the kind's freshness is reported. */
  String source() {
    return "kubernetes/" + resource.plural();
  }

  /** Returns whether the kind is read in Istio's namespace only, as its permission is. */
  boolean onlyIstioNamespace() {
    return shape.onlyIstioNamespace();
  }

  /** Returns false for an object that says nothing about a mesh and is ignored. */
  boolean counts(JsonNode object) {
    return shape.counts().test(object);
  }

  ObjectReading<T> read(ObjectReader objects, JsonNode object) {
    return reader.apply(objects, object);
  }

  T share(T facts, Sharing sharing) {
    return shape.shared().share(facts, sharing);
  }

  @Override
  public String toString() {
    return resource.fullName();
  }
}
