// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import java.time.Instant;

/**
 * The known state of a proxy.
 *
 * @param shown true when some istiod shows it in the last reading
 * @param followedAt when the last reading began in which it followed; {@link Instant#EPOCH} when
 *     there is none
 * @param madeAt when the configuration was made that it acknowledged then; by our clock
 */
record Proxy(boolean shown, Instant followedAt, Instant madeAt) {

  static Proxy behind() {
    return new Proxy(true, Instant.EPOCH, Instant.EPOCH);
  }

  Proxy elsewhere() {
    return new Proxy(false, followedAt, madeAt);
  }

  /** Returns the current state, completed by what was known before. */
  Proxy with(Proxy before) {
    return followedAt.isBefore(before.followedAt)
        ? new Proxy(shown, before.followedAt, before.madeAt)
        : this;
  }
}
