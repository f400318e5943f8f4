// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Reach;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class PossibleClientsTest {

  private static final String EXCLUDED = "traffic.sidecar.istio.io/excludeOutbound";

  /** Templates of whole companies exclude a cloud's metadata server, and the port of a database. */
  @Test
  void askOnceForAllNamespacesWithTheSameAnnotations() {
    Stream<NamespaceBuilder> callers =
        IntStream.range(0, 300)
            .mapToObj(
                i ->
                    namespace("n" + i)
                        .with(
                            sidecarPod("a").annotation(EXCLUDED + "IPRanges", "169.254.169.254/32"),
                            sidecarPod("b").annotation(EXCLUDED + "Ports", "3306")));
    MeshSnapshot mesh =
        mesh(Stream.concat(Stream.of(Worlds.foo()), callers).toArray(NamespaceBuilder[]::new));
    Service service = mesh.namespaces().get("foo").services().getFirst();
    AtomicInteger asked = new AtomicInteger();

    List<?> flows =
        new PossibleClients(mesh)
            .flows(
                service,
                "foo/httpbin:8000",
                "10.0.0.1:8080",
                client -> {
                  asked.incrementAndGet();
                  return new PossibleClients.Answer(ClientTls.ISTIO_MUTUAL, Reach.OK, Reach.OK);
                });

    assertEquals(1, flows.size(), "too many to be named");
    assertEquals(3, asked.get(), "foo's own, and both kinds");
  }
}
