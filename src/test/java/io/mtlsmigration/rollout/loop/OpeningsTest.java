// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import static io.mtlsmigration.mesh.MeshBuilders.EPOCH;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mtls.MeshModes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Since when a namespace has been open, by what this process saw and by what it did not see. */
final class OpeningsTest {

  private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
  private static final Instant NINETEEN = TEN.plus(Duration.ofHours(9));
  private static final Instant LONG_AGO = TEN.minus(Duration.ofDays(30));

  private final Openings openings = new Openings(Duration.ofMinutes(2));

  private void look(Instant at, MtlsMode mode, Instant changed) {
    MeshSnapshot facts =
        MeshSnapshot.of(
            MeshSettings.DEFAULT,
            at,
            List.of(
                namespace("foo")
                    .with(
                        policy("default", mode)
                            .createdAt(Duration.between(EPOCH, changed).toSeconds()))
                    .build()));
    openings.look(MeshModes.resolve(facts), at);
  }

  @Test
  void aPolicyMayHaveBeenStrictUntilItsLastChangeBeforeTheFirstLook() {
    look(TEN, MtlsMode.PERMISSIVE, TEN.minusSeconds(600));

    assertEquals(TEN.minusSeconds(600), openings.of("foo"));
  }

  @Test
  void whatWasSeenToOpenHasOpenedNow() {
    look(TEN, MtlsMode.STRICT, LONG_AGO);
    look(TEN.plusSeconds(5), MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(TEN.plusSeconds(5), openings.of("foo"));
  }

  /** Another process led, or the watch hung: STRICT for eight hours, and PERMISSIVE again. */
  @Test
  void whatChangedWhileNobodyLookedMayHaveBeenStrict() {
    look(TEN, MtlsMode.PERMISSIVE, LONG_AGO);
    look(NINETEEN.plusSeconds(3600), MtlsMode.PERMISSIVE, NINETEEN);

    assertEquals(NINETEEN, openings.of("foo"));
  }

  @Test
  void aClockThatWasSetBackHasSeenNothingMeanwhile() {
    look(NINETEEN.plusSeconds(3600), MtlsMode.PERMISSIVE, LONG_AGO);
    look(NINETEEN.plusSeconds(60), MtlsMode.PERMISSIVE, NINETEEN);

    assertEquals(NINETEEN, openings.of("foo"));
  }

  @Test
  void aChangeThatWasWatchedAndOpenedNothingIsNone() {
    look(TEN, MtlsMode.PERMISSIVE, LONG_AGO);
    look(TEN.plusSeconds(10), MtlsMode.PERMISSIVE, TEN.plusSeconds(5));

    assertEquals(LONG_AGO, openings.of("foo"));
  }

  @Test
  void anOpeningThatWasSeenStaysThoughNobodyLookedLater() {
    look(TEN, MtlsMode.STRICT, LONG_AGO);
    look(TEN.plusSeconds(5), MtlsMode.PERMISSIVE, LONG_AGO);
    look(NINETEEN, MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(TEN.plusSeconds(5), openings.of("foo"));
  }
}
