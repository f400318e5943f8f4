// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A value computed from the latest of something immutable, such as an observation, and shared by
 * all requests while it is the latest: in a mesh of ten thousand namespaces a sum over all of them
 * costs milliseconds. It may be computed twice when two requests come at once.
 */
final class LatestOnly<K, V> {

  private final Function<K, V> make;
  private volatile @Nullable Made<K, V> last;

  LatestOnly(Function<K, V> make) {
    this.make = make;
  }

  private record Made<K, V>(K of, V value) {}

  @SuppressWarnings("ReferenceEquality") // the same object = nothing changed; equals would walk it
  V of(K key) {
    Made<K, V> known = last;
    if (known != null && known.of == key) {
      return known.value;
    }
    V value = make.apply(key);
    last = new Made<>(key, value);
    return value;
  }
}
