// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import java.util.stream.IntStream;

/** Locks that serialize this replica's own writes of one object; readers never wait for them. */
final class WriteLocks {

  private final Object[] locks = IntStream.range(0, 64).mapToObj(i -> new Object()).toArray();

  Object of(String name) {
    return locks[Math.floorMod(name.hashCode(), locks.length)];
  }
}
