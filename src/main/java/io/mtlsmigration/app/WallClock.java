// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** The one source of time: everything else gets this clock, so that a test can replace it. */
final class WallClock {

  private WallClock() {}

  @Produces
  @Singleton
  static Clock clock() {
    return Clock.systemUTC();
  }
}
