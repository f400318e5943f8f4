// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.mtlsmigration.e2e.TestCluster;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A real API server dates each heartbeat of a kubelet. */
final class NodeClockE2E {

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.withIstio();

  private final KubernetesClient client = CLUSTER.admin();

  @Test
  void tellsWhichNodesClocksAreWrong() {
    begins("right", Duration.ZERO);
    begins("behind", Duration.ofMinutes(-10));
    begins("ahead", Duration.ofMinutes(10));
    begins("mended", Duration.ofMinutes(-10));
    beats("mended", Duration.ofSeconds(-5));
    // Others write other parts of its status.
    patch("behind", "{'type': 'Other', 'status': 'True'}");

    Map<String, Duration> ahead = new ClusterNodes(client, Clock.systemUTC()).read().ahead();

    assertEquals(Map.of("behind", -10L, "ahead", 10L), minutes(ahead));
  }

  private static Map<String, Long> minutes(Map<String, Duration> ahead) {
    return ahead.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, one -> Math.round(one.getValue().toSeconds() / 60.0)));
  }

  private void begins(String name, Duration ahead) {
    client
        .nodes()
        .resource(
            new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("kubernetes.io/hostname", name))
                .endMetadata()
                .build())
        .create();
    beats(name, ahead);
  }

  /** As a kubelet with that clock writes its status. */
  private void beats(String name, Duration ahead) {
    Instant now = Instant.now().plus(ahead).truncatedTo(ChronoUnit.SECONDS);
    patch(name, "{'type': 'Ready', 'status': 'True', 'lastHeartbeatTime': '" + now + "'}");
  }

  private void patch(String name, String condition) {
    Node stored =
        client
            .nodes()
            .withName(name)
            .subresource("status")
            .patch(
                PatchContext.of(PatchType.STRATEGIC_MERGE),
                ("{'status': {'conditions': [" + condition + "]}}").replace('\'', '"'));
    assertFalse(stored.getMetadata().getManagedFields().isEmpty(), stored::toString);
  }
}
