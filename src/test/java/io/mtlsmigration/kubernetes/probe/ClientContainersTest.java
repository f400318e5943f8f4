// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The container that curl is run in: never the proxy's, from which it would call in plaintext. */
class ClientContainersTest {

  @ParameterizedTest
  @CsvSource({
    "curl, istio-proxy app curl, '', curl",
    "curl, istio-proxy app other, '', app",
    "curl, istio-proxy app other, other, other",
    "curl, istio-proxy app other, none, app",
    "curl, istio-proxy app, istio-proxy, app",
    "istio-proxy, istio-proxy app, '', app",
    "curl, istio-proxy, istio-proxy, ",
  })
  void neverIsTheProxys(String preferred, String names, String usual, String chosen) {
    List<Container> containers =
        Stream.of(names.split(" "))
            .map(name -> new ContainerBuilder().withName(name).build())
            .toList();

    assertEquals(
        chosen,
        ClientContainers.container(
            preferred,
            containers,
            usual.isEmpty() ? null : Map.of("kubectl.kubernetes.io/default-container", usual)));
  }
}
