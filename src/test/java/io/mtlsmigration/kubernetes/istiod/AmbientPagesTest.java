// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.AmbientWorld;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.rollout.ProxySync.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Pages that Istio's own handler of {@code /debug/ambientz} wrote ({@code oracle/}), of worlds in
 * which rules are older than policies.
 */
final class AmbientPagesTest {

  private static final Optional<String> CLUSTER = Optional.of("Kubernetes");

  private static AmbientPage page(AmbientWorld world, MeshSnapshot snapshot) throws IOException {
    return AmbientPage.read(
        new ByteArrayInputStream(world.page().getBytes(StandardCharsets.UTF_8)),
        snapshot.namespaces().keySet());
  }

  @Test
  void theyTellWhatIsRefused() throws IOException {
    for (AmbientWorld world : AmbientWorld.kept()) {
      MeshSnapshot snapshot = world.last();
      AmbientPage page = page(world, snapshot);
      for (Pod pod : AmbientWorld.ambient(snapshot)) {
        List<AmbientPage.Obeyed> shown = page.obeys().get(pod.namespace() + "/" + pod.name());
        assertEquals(1, shown.size(), world.seed());
        assertEquals("Kubernetes", shown.getFirst().cluster());
        for (int port : world.asked()) {
          assertEquals(
              world.refused(pod, port),
              page.refuses(shown.getFirst(), port),
              () -> world.seed() + " " + pod.ref() + ":" + port);
        }
      }
    }
  }

  @Test
  void whatDiffersFromThePoliciesIsTold() throws IOException {
    int differing = 0;
    for (AmbientWorld world : AmbientWorld.kept()) {
      MeshSnapshot snapshot = world.last();
      AmbientView view = new AmbientView(List.of(page(world, snapshot)), "");
      for (NamespaceFacts facts : snapshot.namespaces().values()) {
        List<Pod> pods =
            AmbientWorld.ambient(snapshot).stream()
                .filter(pod -> pod.namespace().equals(facts.name()))
                .toList();
        boolean differs =
            pods.stream()
                .anyMatch(
                    pod ->
                        world.asked().stream()
                            .anyMatch(
                                port -> refused(snapshot, pod, port) != world.refused(pod, port)));

        Status status = view.judge(snapshot, facts, pods, CLUSTER);

        if (differs) {
          assertInstanceOf(Status.Differs.class, status, world.seed());
          differing++;
        } else {
          assertNull(status, world.seed());
        }
      }
    }
    assertTrue(differing >= 5, () -> "they show nothing that differs");
  }

  private static boolean refused(MeshSnapshot snapshot, Pod pod, int port) {
    EffectiveMode mode = MeshModes.resolve(snapshot).namespace(pod.namespace()).of(pod);
    return mode.of(port) == MtlsMode.STRICT;
  }
}
