// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.lease;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.e2e.TestCluster;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A real API server dates each renewal. */
final class LeaseClockE2E {

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.withIstio().withService();

  @Test
  void tellsTheClockOfTheApiServerToLeaderAndFollower() {
    KubernetesClient client = CLUSTER.closing(CLUSTER.service().client());
    LeaseLeadership right = replica(client, "right", Duration.ZERO);
    right.start();
    await().until(right::leads);
    LeaseLeadership ahead = replica(client, "ahead", Duration.ofMinutes(5));
    LeaseLeadership behind = replica(client, "behind", Duration.ofMinutes(-5));
    ahead.start();
    behind.start();
    await().until(() -> ahead.clocksApart().isPresent() && behind.clocksApart().isPresent());
    assertTrue(ahead.clocksApart().orElseThrow().contains("ahead of"));
    assertTrue(behind.clocksApart().orElseThrow().contains("behind"));
    assertEquals(Optional.empty(), right.clocksApart());

    right.close();

    await().until(() -> ahead.leads() || behind.leads());
    await()
        .during(Duration.ofSeconds(3))
        .until(() -> ahead.clocksApart().isPresent() && behind.clocksApart().isPresent());
  }

  private static LeaseLeadership replica(KubernetesClient client, String name, Duration ahead) {
    return CLUSTER.closing(
        new LeaseLeadership(
            client,
            new LeaseOptions(
                TestCluster.OWN,
                "mtls-migration",
                name,
                "https://" + name,
                Duration.ofSeconds(5),
                Duration.ofSeconds(3),
                Duration.ofMillis(500)),
            Clock.offset(Clock.systemUTC(), ahead),
            System::nanoTime));
  }
}
