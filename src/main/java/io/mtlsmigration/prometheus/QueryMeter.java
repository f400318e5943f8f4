package io.mtlsmigration.prometheus;

import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Stands around readings, and around the queries that they are made of: queries are made within
 * their reading, by the same thread.
 */
public interface QueryMeter {

  /** Nobody wants to know. */
  QueryMeter NONE =
      new QueryMeter() {
        @Override
        public <T> T reading(
            String evidence, Supplier<T> reading, Function<? super T, String> problem) {
          return reading.get();
        }

        @Override
        public <T> T query(String name, Supplier<T> query, Function<? super T, String> problem) {
          return query.get();
        }
      };

  /**
   * Makes a reading of the whole mesh.
   *
   * @param evidence {@code traffic} or {@code shadows}
   * @param problem of what it gave; empty when it can be used
   */
  <T> T reading(String evidence, Supplier<T> reading, Function<? super T, String> problem);

  /**
   * Makes a query, its repetitions included.
   *
   * @param name of the file in {@code resources/promql}: there are as many as there are files
   * @param problem of what it gave; empty when it can be used
   */
  <T> T query(String name, Supplier<T> query, Function<? super T, String> problem);
}
