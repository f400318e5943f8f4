// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PodWorkloadsTest {

  @ParameterizedTest
  @CsvSource({
    "web-0,                 StatefulSet foo/web",
    "web-17,                StatefulSet foo/web",
    "web-6b7f9c5d4-x2x4z,   Deployment foo/web",
    "web-b9pq2,             DaemonSet foo/web",
    "web-api-5d4f7b9c6-kk2, Deployment foo/web-api",
    "webhook-1,             Pod foo/webhook-1",
  })
  void attributesAPodThatIsGone(String pod, String workload) {
    PodWorkloads workloads =
        new PodWorkloads(
            namespace("foo")
                .with(
                    sidecarPod("web-6b7f9c5d4-aaaaa").of("Deployment", "web"),
                    sidecarPod("web-1").of("StatefulSet", "web"),
                    sidecarPod("web-ccccc").of("DaemonSet", "web"),
                    sidecarPod("web-api-5d4f7b9c6-bbbbb").of("Deployment", "web-api"))
                .build());

    assertEquals(workload, workloads.of(pod).toString());
  }
}
