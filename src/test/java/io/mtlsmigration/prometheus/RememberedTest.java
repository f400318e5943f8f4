// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Workloads of weeks, in bounded memory. */
final class RememberedTest {

  private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");
  private static final WorkloadRef WEB = new WorkloadRef("foo", "Deployment", "web");

  private final Remembered<Instant> remembered = new Remembered<>(Function.identity());

  /** As somebody makes pods with ever new names. */
  private void floods(String namespace) {
    for (int i = 0; i < 5 * Remembered.MOST; i++) {
      remembered.add(new WorkloadRef(namespace, "Pod", "p" + i), BEGIN.plusSeconds(i));
      assertTrue(remembered.size() <= Remembered.MOST + 1);
    }
  }

  @Test
  void whoeverFloodsItTakesNothingFromOthers() {
    remembered.add(WEB, BEGIN);

    floods("evil");

    assertEquals(BEGIN, remembered.of(WEB));
    assertNull(remembered.of(new WorkloadRef("foo", "Deployment", "other")));
  }

  @Test
  void whatWasGivenUpCountsForAllOfItsNamespace() {
    remembered.add(WEB, BEGIN);

    floods("foo");

    Map<WorkloadRef, Instant> told = new HashMap<>();
    remembered.each(told::put);
    Instant web = remembered.of(WEB);
    assertTrue(web != null && !web.isBefore(BEGIN), () -> "" + web);
    assertEquals(remembered.size(), told.size());
    assertTrue(told.containsValue(web), "and one that tells of it is told itself");
  }

  @Test
  void whatIsOldIsForgotten() {
    remembered.add(WEB, BEGIN);
    floods("foo");

    remembered.forgetBefore(BEGIN.plusSeconds(5 * Remembered.MOST));

    assertEquals(0, remembered.size());
    assertNull(remembered.of(WEB));
  }
}
