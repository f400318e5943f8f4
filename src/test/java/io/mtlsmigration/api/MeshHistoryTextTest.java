// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.api.view.MeshHistoryView;
import io.mtlsmigration.api.view.MeshHistoryView.Point;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.rollout.MeshCounts;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.SecuredCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MeshHistoryTextTest {

  private static final Instant START = Instant.parse("2026-11-25T10:00:00Z");
  private static final Duration STEP = Duration.ofMinutes(5);

  @Test
  void tellsThatNobodyCalledFromWhatNobodyKnows() {
    MeshHistoryView history =
        new MeshHistoryView(
            START,
            START.plus(STEP.multipliedBy(3)),
            STEP,
            START.plusSeconds(400),
            List.of(
                Point.of(START.plus(STEP), new Evidence.NoSamples<>(START, "nobody called"), null),
                Point.of(
                    START.plus(STEP.multipliedBy(2)),
                    new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, "down"),
                    null),
                Point.of(
                    START.plus(STEP.multipliedBy(3)),
                    new Evidence.Measured<>(new SecuredCalls(199_999, 1, 0), START),
                    new MeshCounts(
                        Map.of(), Map.of(Posture.STRICT, 12, Posture.PERMISSIVE, 3), Map.of()))));

    assertEquals(
        """
        steps of PT5M from 2026-11-25T10:00:00Z; postures of workloads are known since 2026-11-25T10:06:40Z; - nobody called, ? not known
        until                   mtls  plaintext  unknown  share  strict  permissive  disabled  mixed  uncaptured
        2026-11-25T10:05:00Z       -          -        -      -       ?           ?         ?      ?           ?
        2026-11-25T10:10:00Z       ?          ?        ?      ?       ?           ?         ?      ?           ?
        2026-11-25T10:15:00Z  199999          1        0  99.9%      12           3         0      0           0
        """,
        MeshHistoryText.of(history));
  }

  @Test
  void saysThatNothingIsKnownYet() {
    MeshHistoryView history = new MeshHistoryView(START, START, STEP, null, List.of());

    assertEquals(
        "steps of PT5M from 2026-11-25T10:00:00Z; postures of workloads are not known yet; - nobody called, ? not known",
        MeshHistoryText.of(history).lines().findFirst().orElse(""));
  }
}
