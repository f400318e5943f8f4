// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class StreamSharesTest {

  private static int takesAll(StreamShares shares, String caller) {
    int taken = 0;
    while (shares.take(caller) == null) {
      taken++;
    }
    return taken;
  }

  @Test
  void leavesHalfToOthers() {
    StreamShares shares = new StreamShares(100);

    assertEquals(50, takesAll(shares, "greedy"));
    assertEquals(25, takesAll(shares, "another"));
    assertNull(shares.take("late"));
    String refused = shares.take("greedy");
    assertTrue(refused != null && refused.contains("50"), refused);
  }

  @Test
  void givesTheOnlyStreamToWhoeverComesFirst() {
    StreamShares shares = new StreamShares(1);

    assertEquals(1, takesAll(shares, "first"));
    assertNotNull(shares.take("second"));
    shares.give("first");
    assertNull(shares.take("second"));
  }

  @Test
  void hasNoSharesWhereCallersAreNotToldApart() {
    StreamShares shares = new StreamShares(100);

    assertEquals(100, takesAll(shares, ""));
    assertEquals(100, shares.open());
  }

  @Test
  void forgetsWhoHasGone() {
    StreamShares shares = new StreamShares(4);
    assertEquals(2, takesAll(shares, "greedy"));

    shares.give("greedy");
    shares.give("greedy");

    assertEquals(0, shares.open());
    assertEquals(2, takesAll(shares, "greedy"));
  }
}
