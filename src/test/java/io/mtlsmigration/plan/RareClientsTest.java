// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.RunPeriod;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RareClientsTest {

  /** On 2026-10-25 a day of Europe/Berlin has 25 hours. */
  @Test
  void areThoseOfADayThatIsLongerThanTheWindow() {
    assertEquals(List.of(), rare("2026-10-24T23:00:00Z"));
    assertEquals(
        List.of(
            "CronJob legacy/report, which has no proxy, runs up to PT25H apart now that the clocks"
                + " of Europe/Berlin have changed, more than the plaintext window of PT24H"),
        rare("2026-10-25T01:30:00Z"));
    assertEquals(List.of(), rare("2026-10-26T03:00:00Z"));
  }

  private static List<String> rare(String now) {
    RunPeriod daily =
        new RunPeriod(Duration.ofHours(24), Duration.ofHours(25), ZoneId.of("Europe/Berlin"));
    ObjectRef ref = new ObjectRef("CronJob", "legacy", "report");
    JobTemplate job = new JobTemplate(ref, Map.of(), Map.of(), false, false, daily);
    return RareClients.of(
        MeshSnapshot.of(
            MeshSettings.DEFAULT,
            Instant.parse(now),
            List.of(namespace("legacy").with(ns -> job).build())),
        PlanSpec.standard("q4"));
  }
}
