// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Workloads that the label service.istio.io/workload-name renames in metrics. */
final class WorkloadNamesTest {

  private static PodBuilder renamed(String workload, String name) {
    return sidecarPod(workload).label("service.istio.io/workload-name", name);
  }

  private static String server(String name, PodBuilder... pods) {
    return String.valueOf(new WorkloadNames(mesh(namespace("foo").with(pods))).of("foo", name));
  }

  @Test
  void aNameThatALabelGivesMayBeThatOfAWorkloadThatIsGone() {
    assertEquals(
        "Deployment foo/database",
        server("database", renamed("db-0", "database").of("StatefulSet", "db")));
    assertEquals("Deployment foo/db", server("db", renamed("canary", "db"), sidecarPod("db")));
    assertEquals("Deployment foo/db", server("db", renamed("v1", "db"), renamed("v2", "db")));
  }

  private static SampledServers sampled(MeshSnapshot mesh, String pod) {
    return new SampledServers(
        mesh,
        List.of(
            new QueryResult.Series(
                Map.of(
                    "namespace", "foo",
                    "pod", pod,
                    "destination_workload_namespace", "foo",
                    "destination_workload", "db"),
                List.of())));
  }

  @Test
  void samplesOfARenamedServerAreItsOwn() {
    MeshSnapshot mesh = mesh(namespace("foo").with(renamed("v1", "db"), renamed("v2", "db")));
    Pod v2 = mesh.namespaces().get("foo").pods().get(1);
    WorkloadRef first = new WorkloadRef("foo", "Deployment", "v1");

    assertTrue(sampled(mesh, "v1").has(first));
    assertFalse(sampled(mesh, "v1").has(v2));
    assertTrue(sampled(mesh, "ztunnel-x").has(first));
    assertTrue(sampled(mesh, "ztunnel-x").has(v2));
  }
}
