// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RenewedTokenTest {

  /** Such as a kubeconfig that is being written. */
  @Test
  void keepsTheTokenWhileNoOtherCanBeRead() {
    AtomicLong nanos = new AtomicLong();
    RenewedToken token =
        new RenewedToken(
            "old",
            () -> {
              throw new ConnectionException("the kubeconfig is empty");
            },
            nanos::get);

    nanos.addAndGet(Duration.ofMinutes(2).toNanos());

    assertEquals("old", token.getToken());
  }
}
