package io.mtlsmigration.hazard;

import static io.mtlsmigration.hazard.HazardCode.SERVICE_ENTRY_WITHOUT_MTLS;
import static io.mtlsmigration.hazard.HazardWorlds.foo;
import static io.mtlsmigration.hazard.HazardWorlds.row;
import static io.mtlsmigration.hazard.HazardWorlds.told;
import static io.mtlsmigration.hazard.HazardWorlds.world;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.DISABLE;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.ISTIO_MUTUAL;
import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.ServiceEntry;
import io.mtlsmigration.mesh.ServiceEntry.Endpoint;
import io.mtlsmigration.mesh.ServiceEntry.Port;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Host names that lead to pods of the mesh, as of something outside. */
final class ServiceEntryHazardsTest {

  private static final String HOST = "httpbin.example.com";

  private static Function<String, OtherObject> selecting(boolean external) {
    return ns -> entry(ns, external, Map.of("app", "httpbin"), List.of());
  }

  private static Function<String, OtherObject> leadingTo(
      boolean external, String address, boolean announces) {
    return ns ->
        entry(
            ns,
            external,
            Map.of(),
            List.of(new Endpoint(address, Map.of("http", 8000), announces)));
  }

  private static Function<String, OtherObject> leadingToPod(
      boolean external, String address, boolean announces) {
    return ns -> entry(ns, external, Map.of(), List.of(new Endpoint(address, Map.of(), announces)));
  }

  private static ServiceEntry entry(
      String namespace, boolean external, Map<String, String> labels, List<Endpoint> endpoints) {
    return new ServiceEntry(
        new ObjectRef("ServiceEntry", namespace, "alias"),
        List.of(HOST),
        external,
        labels,
        List.of(new Port("http", 80, 8080)),
        endpoints);
  }

  private static PodBuilder server() {
    return sidecarPod("httpbin").ports(8080).ip("10.1.2.3");
  }

  static Stream<Arguments> entries() {
    HazardCode code = SERVICE_ENTRY_WITHOUT_MTLS;
    String own = "WARNING ServiceEntry foo/alias:8080";
    String others = "WARNING ServiceEntry bar/alias:8080";
    return Stream.of(
        row("pods by labels, external", code, world(foo().with(selecting(true))), own),
        row("pods by labels, internal", code, world(foo().with(selecting(false)))),
        row(
            "pods by labels, of another namespace",
            code,
            world(foo(), namespace("bar").with(selecting(true)))),
        row(
            "pods by labels that have no sidecar",
            code,
            world(foo(pod("httpbin").ports(8080)).with(selecting(true)))),
        row(
            "pods by labels on the ambient data plane",
            code,
            world(foo(ambientPod("httpbin").ports(8080)).with(selecting(true)))),
        row(
            "a port that bypasses the sidecar",
            code,
            world(foo(server().excludeInbound(8080)).with(selecting(true)))),
        row(
            "a port that an exception keeps open",
            code,
            world(
                foo()
                    .with(policy("open", STRICT).selector("app", "httpbin").port(8080, PERMISSIVE))
                    .with(selecting(true)))),
        row(
            "a rule that says ISTIO_MUTUAL for its host",
            code,
            world(
                foo()
                    .with(destinationRule("alias", HOST).tls(ISTIO_MUTUAL))
                    .with(selecting(true)))),
        row(
            "a rule that says so for all hosts of the domain",
            code,
            world(
                foo()
                    .with(destinationRule("alias", "*.example.com").tls(ISTIO_MUTUAL))
                    .with(selecting(true)))),
        row(
            "a rule that says so for another host",
            code,
            world(
                foo()
                    .with(destinationRule("alias", "bin.example.com").tls(ISTIO_MUTUAL))
                    .with(selecting(true))),
            own),
        row(
            "a rule that says something else",
            code,
            world(foo().with(destinationRule("alias", HOST).tls(DISABLE)).with(selecting(true))),
            own),
        row(
            "a pod's address, external",
            code,
            world(foo(server()), namespace("bar").with(leadingToPod(true, "10.1.2.3", true))),
            others),
        row(
            "a pod's address, internal, without a mark",
            code,
            world(foo(server()), namespace("bar").with(leadingToPod(false, "10.1.2.3", false))),
            others),
        row(
            "a pod's address, internal, marked",
            code,
            world(foo(server()), namespace("bar").with(leadingToPod(false, "10.1.2.3", true)))),
        row(
            "another address",
            code,
            world(foo(server()), namespace("bar").with(leadingToPod(true, "10.1.2.4", false)))),
        row(
            "a Service's name in full",
            code,
            world(
                foo(server()),
                namespace("bar").with(leadingTo(true, "httpbin.foo.svc.cluster.local", false))),
            others),
        row(
            "a Service's name in short",
            code,
            world(foo(server()), namespace("bar").with(leadingTo(true, "httpbin.foo", false))),
            others),
        row(
            "a Service's name as a part of another",
            code,
            world(foo(server()), namespace("bar").with(leadingTo(true, "httpbin.foo.com", false)))),
        row(
            "a Service's name, a port that it has not",
            code,
            world(
                foo(server()),
                namespace("bar").with(leadingToPod(true, "httpbin.foo.svc.cluster.local", false)))),
        row(
            "a Service without a sidecar behind it",
            code,
            world(
                foo(pod("httpbin").ports(8080), sidecarPod("other").ports(8080)),
                namespace("bar").with(leadingTo(true, "httpbin.foo.svc", false)))));
  }

  @ParameterizedTest
  @MethodSource("entries")
  void speaksOfEntriesByWhichSidecarsSendPlaintext(
      HazardCode code, NamespaceBuilder[] world, List<String> expected) {
    assertEquals(expected, told(world, code));
  }
}
