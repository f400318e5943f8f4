// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.manifest.ObjectReading;
import io.mtlsmigration.mesh.Unreadable;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one kind in one namespace, by name.
 *
 * @param <T> the facts of one object
 */
final class Table<T> {

  private final NavigableMap<String, T> understood = new TreeMap<>();
  private final NavigableMap<String, List<Unreadable>> notUnderstood = new TreeMap<>();

  /** The list handed out last; null when something has changed since. */
  private @Nullable List<T> list = List.of();

  /**
   * Stores what an object says.
   *
   * @return false when nothing has changed
   */
  boolean put(String name, ObjectReading<T> reading, WatchedKind<T> kind, Sharing sharing) {
    return switch (reading) {
      case ObjectReading.Understood<T>(T facts) -> {
        boolean understoodAgain = notUnderstood.remove(name) != null;
        if (facts.equals(understood.get(name))) {
          yield understoodAgain;
        }
        understood.put(name, kind.share(facts, sharing));
        list = null;
        yield true;
      }
      case ObjectReading.NotUnderstood<T>(List<Unreadable> reasons) -> {
        // The previous facts are dropped: the object has changed, and its new content is unknown.
        boolean forgotten = understood.remove(name) != null;
        list = forgotten ? null : list;
        yield !reasons.equals(notUnderstood.put(name, reasons)) || forgotten;
      }
    };
  }

  /**
   * Removes an object.
   *
   * @return false when it was not known
   */
  boolean remove(String name) {
    boolean one = notUnderstood.remove(name) != null;
    boolean other = understood.remove(name) != null;
    list = other ? null : list;
    return one || other;
  }

  boolean isEmpty() {
    return understood.isEmpty() && notUnderstood.isEmpty();
  }

  /** Returns the facts in name order; the same list until something changes. */
  List<T> list() {
    List<T> known = list;
    if (known == null) {
      known = List.copyOf(understood.values());
      list = known;
    }
    return known;
  }

  /** Returns the facts of the first name that has any. */
  Map.@Nullable Entry<String, T> first() {
    return understood.firstEntry();
  }

  Map<String, T> byName() {
    return understood;
  }

  /** Adds the names of all objects, parsed or not. */
  void names(Collection<String> into) {
    into.addAll(understood.keySet());
    into.addAll(notUnderstood.keySet());
  }

  void unreadable(Collection<Unreadable> into) {
    notUnderstood.values().forEach(into::addAll);
  }
}
