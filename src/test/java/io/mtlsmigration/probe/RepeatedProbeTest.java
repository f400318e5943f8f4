// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mtls.MeshModes;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class RepeatedProbeTest {

  /** HTTP/3 beside HTTPS. */
  @Test
  void isOfTheTcpPortWhereAUdpPortHasItsNumber() {
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(sidecarPod("httpbin").ports(8080).ip("10.0.0.1"), sidecarPod("curl"))
                .with(service("httpbin").udp(443, 8080).port(443, 8080)));
    Cell cell =
        Cells.made(
            "foo/curl",
            "foo/httpbin:443",
            "10.0.0.1:8080",
            "httpbin",
            true,
            ProbeOutcome.OK,
            200,
            0,
            null,
            1,
            Instant.EPOCH,
            "",
            null);

    ProbeTarget target = RepeatedProbe.of(cell, MeshModes.resolve(mesh)).orElseThrow();

    assertEquals("TCP", target.port().protocol());
  }
}
