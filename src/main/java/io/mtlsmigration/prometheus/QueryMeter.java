// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A hook around readings, and around their queries: queries are made within their reading, by the
 * same thread.
 */
public interface QueryMeter {

  /**
   * Makes a reading of the whole mesh.
   *
   * @param evidence {@code traffic} or {@code shadows}
   * @param problem returns the problem of a reading; empty when it is usable
   */
  <T> T reading(String evidence, Supplier<T> reading, Function<? super T, String> problem);

  /**
   * Makes a query, its retries included.
   *
   * @param name of the file in {@code resources/promql}, which bounds the number of names
   * @param problem returns the problem of an answer; empty when it is usable
   */
  <T> T query(String name, Supplier<T> query, Function<? super T, String> problem);
}
