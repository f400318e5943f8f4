// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Service;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EndpointsTest {

  private static List<String> endpoints(NamespaceBuilder namespace) {
    NamespaceFacts facts = namespace.build();
    Service service = facts.services().get(0);
    return Endpoints.of(facts, service, service.ports().get(0)).stream()
        .map(
            b ->
                (b.pod() == null ? b.ip() : b.pod().name())
                    + ":"
                    + b.targetPort()
                    + (b.ready() ? "" : " not ready"))
        .toList();
  }

  @Test
  void selectedPodsStandBehindAService() {
    assertEquals(
        List.of("a:8080", "b:8080 not ready"),
        endpoints(
            namespace("foo")
                .with(
                    pod("a").label("app", "web"),
                    pod("b").label("app", "web").notReady(),
                    pod("c").label("app", "web").terminated(),
                    pod("d"))
                .with(service("web").port(80, 8080))));
  }

  @Test
  void aNamedTargetIsEachPodsOwn() {
    assertEquals(
        List.of("a:8080", "b:9090"),
        endpoints(
            namespace("foo")
                .with(
                    pod("a").label("app", "web").namedPort("http", 8080),
                    pod("b")
                        .label("app", "web")
                        .port(new ContainerPort("http", 53, "UDP", 0))
                        .namedPort("http", 9090),
                    pod("c").label("app", "web").namedPort("other", 1))
                .with(service("web").port("p", 80, "http"))));
  }

  @Test
  void withoutATargetTheServicePortIsMeant() {
    assertEquals(
        List.of("a:80"),
        endpoints(
            namespace("foo")
                .with(pod("a").label("app", "web"))
                .with(service("web").port("p", 80, ""))));
  }

  @Test
  void slicesCountBeforeTheSelector() {
    EndpointSlice slice =
        new EndpointSlice(
            new ObjectRef("EndpointSlice", "foo", "web-1"),
            "web",
            List.of(
                new EndpointSlice.Endpoint(List.of("10.0.0.1"), "a", true),
                new EndpointSlice.Endpoint(List.of("10.0.0.9"), "", false)),
            List.of(
                new EndpointSlice.Port("http", 8081, "TCP"),
                new EndpointSlice.Port("other", 1, "TCP")));

    assertEquals(
        List.of("a:8081", "10.0.0.9:8081 not ready"),
        endpoints(
            namespace("foo")
                .with(pod("a").label("app", "web"), pod("b").label("app", "web"))
                .with(service("web").port("http", 80, "8080"))
                .with(slice)));
  }

  /** As for istiod, which looks in the Service's namespace; a node's address is of many. */
  @Test
  void anEndpointThatNamesNoPodIsThePodAtItsAddress() {
    EndpointSlice slice =
        new EndpointSlice(
            new ObjectRef("EndpointSlice", "foo", "web-1"),
            "web",
            List.of(
                new EndpointSlice.Endpoint(List.of("10.0.0.1"), "", true),
                new EndpointSlice.Endpoint(List.of("fd00::1"), "", true),
                new EndpointSlice.Endpoint(List.of("10.0.0.2", "10.0.0.4"), "", true),
                new EndpointSlice.Endpoint(List.of("10.0.0.3"), "", true)),
            List.of(new EndpointSlice.Port("http", 8081, "TCP")));

    assertEquals(
        List.of("a:8081", "a:8081", "10.0.0.2:8081", "d:8081", "10.0.0.3:8081"),
        endpoints(
            namespace("foo")
                .with(
                    pod("a").ip("10.0.0.1").otherIps("fd00::1"),
                    pod("b").ip("10.0.0.2").hostNetwork(),
                    pod("c").ip("10.0.0.3").terminated(),
                    pod("d").ip("10.0.0.4"))
                .with(service("web").selector(Map.of()).port("http", 80, "8081"))
                .with(slice)));
  }

  /** The slices of a Service that publishes addresses that are not ready call them ready. */
  @Test
  void aPublishedPodIsNotReadyForThat() {
    EndpointSlice slice =
        new EndpointSlice(
            new ObjectRef("EndpointSlice", "foo", "web-1"),
            "web",
            List.of(new EndpointSlice.Endpoint(List.of("10.0.0.1"), "a", true)),
            List.of(new EndpointSlice.Port("http", 8081, "TCP")));

    assertEquals(
        List.of("a:8081 not ready"),
        endpoints(
            namespace("foo")
                .with(pod("a").ip("10.0.0.1").notReady())
                .with(service("web").port("http", 80, "8081"))
                .with(slice)));
  }

  @Test
  void aServiceWithoutSelectorHasNoEndpointsOfItsOwn() {
    assertEquals(
        List.of(),
        endpoints(
            namespace("foo")
                .with(pod("a"))
                .with(service("web").selector(Map.of()).port(80, 8080))));
  }
}
