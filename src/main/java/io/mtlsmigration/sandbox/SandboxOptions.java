// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.time.Duration;

/**
 * Options of the sandbox.
 *
 * @param fastestPush shortest time from a change to a proxy that enforces it
 * @param slowestPush longest such time
 * @param listenerIdle the idle time after which a listener is closed
 * @param maxListeners the number of listeners beyond which those idle longest are closed early
 * @param retention how far back traffic is remembered
 */
public record SandboxOptions(
    Duration fastestPush,
    Duration slowestPush,
    Duration listenerIdle,
    int maxListeners,
    Duration retention) {

  /** Pushes as fast as on a real mesh; evidence for the default window of a plan and a bit more. */
  public static final SandboxOptions DEFAULT =
      new SandboxOptions(
          Duration.ofMillis(300),
          Duration.ofMillis(900),
          Duration.ofSeconds(30),
          1_000,
          Duration.ofHours(25));

  public SandboxOptions {
    if (fastestPush.isNegative() || slowestPush.compareTo(fastestPush) < 0 || maxListeners < 1) {
      throw new IllegalArgumentException("pushes take 0 <= fastest <= slowest, listeners >= 1");
    }
  }
}
