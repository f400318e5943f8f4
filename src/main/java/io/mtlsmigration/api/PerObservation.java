package io.mtlsmigration.api;

import io.mtlsmigration.rollout.Observation;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What was made of the latest observation, shared by the requests that come while it is the latest:
 * in a mesh of ten thousand namespaces a sum over all of them costs milliseconds. May be made twice
 * when two ask at once.
 */
final class PerObservation<T> {

  private final Function<Observation, T> make;
  private volatile @Nullable Made<T> last;

  PerObservation(Function<Observation, T> make) {
    this.make = make;
  }

  private record Made<T>(Observation of, T value) {}

  @SuppressWarnings("ReferenceEquality") // another object is another observation
  T of(Observation observation) {
    Made<T> known = last;
    if (known != null && known.of == observation) {
      return known.value;
    }
    T value = make.apply(observation);
    last = new Made<>(observation, value);
    return value;
  }
}
