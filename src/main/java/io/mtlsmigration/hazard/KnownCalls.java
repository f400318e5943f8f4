// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Edge;
import java.util.List;

/**
 * The known calls that concern a namespace.
 *
 * @param direct calls that bypass all Services: to addresses of the namespace's pods, and those
 *     with an unknown destination
 * @param plaintext edges to servers of the namespace
 */
public record KnownCalls(List<DirectCall> direct, List<Edge> plaintext) {

  /** No known calls, which does not mean that nobody calls. */
  public static final KnownCalls NONE = new KnownCalls(List.of(), List.of());

  public KnownCalls {
    direct = List.copyOf(direct);
    plaintext = List.copyOf(plaintext);
  }
}
