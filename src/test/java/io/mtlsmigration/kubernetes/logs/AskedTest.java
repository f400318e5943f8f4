// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which servers' logs are read when more are asked about than can be. */
final class AskedTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final Asked asked = new Asked();

  private void flood(String namespace) {
    for (int i = 0; i <= Asked.MAX_SERVERS; i++) {
      asked.about(new WorkloadRef(namespace, "Deployment", "server-" + i), NOON.plusMillis(i));
    }
  }

  private Set<String> watched() {
    return asked
        .watch(
            mesh(
                namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4")),
                namespace("noisy").with(sidecarPod("server-0").ip("10.244.0.5"))),
            "istio-system",
            NOON.plusSeconds(10))
        .proxies()
        .values()
        .stream()
        .map(proxy -> proxy.pod().namespace())
        .collect(Collectors.toSet());
  }

  @Test
  void aNamespaceWithManyServersLeavesTheOthers() {
    flood("noisy");

    asked.about(new WorkloadRef("foo", "Deployment", "httpbin"), NOON.plusSeconds(9));

    assertEquals(Set.of("foo"), watched());
  }

  @Test
  void whatGatesNeedIsTakenHoweverManyOthersThereAre() {
    asked.first(Set.of("foo"));
    flood("noisy");

    asked.about(new WorkloadRef("foo", "Deployment", "httpbin"), NOON.plusSeconds(9));

    assertEquals(Set.of("foo"), watched());
  }
}
