package io.mtlsmigration.kubernetes.inventory;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.manifest.ObjectReader;
import io.mtlsmigration.manifest.ObjectReading;
import io.mtlsmigration.manifest.UnreadFields;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * A kind of which all objects are known at any time. Compared by identity.
 *
 * @param <T> the facts that are kept of one object
 */
final class WatchedKind<T> {

  private final Resource resource;
  private final UnreadFields unread;
  private final BiFunction<ObjectReader, JsonNode, ObjectReading<T>> reader;
  private final Shape<T> shape;

  /** Which objects count, and which parts of their facts others have as well. */
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

  /** Puts what is kept already in place of equal parts, so that they are kept once. */
  @FunctionalInterface
  interface SharedParts<T> {
    T share(T facts, Sharing sharing);
  }

  /**
   * A kind.
   *
   * @param unread what decoding may skip
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

  /** The name under which its freshness is told. */
  String source() {
    return "kubernetes/" + resource.plural();
  }

  /** True when it is read in Istio's namespace alone, as its permission is. */
  boolean onlyIstioNamespace() {
    return shape.onlyIstioNamespace();
  }

  /** False for an object that says nothing of a mesh: it is as good as none. */
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
