// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import static io.mtlsmigration.hazard.HazardCode.CALLED_BY_API_SERVER;
import static io.mtlsmigration.hazard.HazardCode.INIT_CONTAINER_BEFORE_PROXY;
import static io.mtlsmigration.hazard.HazardCode.JOB_WITHOUT_PROXY;
import static io.mtlsmigration.hazard.HazardCode.METRICS_SCRAPED_FROM_APPLICATION;
import static io.mtlsmigration.hazard.HazardCode.PROBES_NOT_REWRITTEN;
import static io.mtlsmigration.hazard.HazardWorlds.foo;
import static io.mtlsmigration.hazard.HazardWorlds.row;
import static io.mtlsmigration.hazard.HazardWorlds.told;
import static io.mtlsmigration.hazard.HazardWorlds.world;
import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.ApiServerCalls;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.Monitor;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules on what goes past a client's proxy, or has none: see {@link HazardsTest}. */
final class PastTheProxyHazardsTest {

  private static final String FINDING = "WARNING Deployment foo/httpbin:9090";

  private static PodBuilder httpbin() {
    return sidecarPod("httpbin").namedPort("http", 8080).namedPort("metrics", 9090);
  }

  static Stream<Arguments> probes() {
    HazardCode code = PROBES_NOT_REWRITTEN;
    return Stream.of(
        row(
            "a probe of the application",
            code,
            world(foo(httpbin().probe(8080))),
            "BLOCKER Deployment foo/httpbin:8080"),
        row(
            "under STRICT already",
            code,
            world(foo(httpbin().probe(8080)).with(policy("p", STRICT))),
            "WARNING Deployment foo/httpbin:8080"),
        row("rewritten ones", code, world(foo(httpbin()))),
        row("of a pod without proxy", code, world(foo(pod("httpbin").probe(8080), httpbin()))),
        row("of an ambient pod", code, world(foo(ambientPod("httpbin").probe(8080)))),
        row("of a finished pod", code, world(foo(httpbin().probe(8080).terminated()))),
        row("past an excluded port", code, world(foo(httpbin().probe(8080).excludeInbound(8080)))),
        row(
            "of a port that is kept open",
            code,
            world(
                foo(httpbin().probe(8080))
                    .with(policy("w", STRICT).selector("app", "httpbin").port(8080, PERMISSIVE)))));
  }

  private static PodBuilder annotated(PodBuilder pod, String port) {
    return pod.annotation("prometheus.io/scrape", "true").annotation("prometheus.io/port", port);
  }

  private static Function<String, OtherObject> serviceMonitor(
      List<String> namespaces, String port, String target, boolean certificate) {
    return ns ->
        new Monitor(
            new ObjectRef("ServiceMonitor", ns, "m"),
            LabelSelector.ofLabels(Map.of("app", "httpbin")),
            namespaces,
            List.of(new Monitor.Endpoint(port, target, certificate)));
  }

  private static Function<String, OtherObject> podMonitor(String port, String target) {
    return ns ->
        new Monitor(
            new ObjectRef("PodMonitor", ns, "m"),
            LabelSelector.EVERYTHING,
            List.of("foo"),
            List.of(new Monitor.Endpoint(port, target, false)));
  }

  private static NamespaceBuilder monitored(PodBuilder pod) {
    return namespace("foo")
        .with(pod)
        .with(
            service("httpbin")
                .label("app", "httpbin")
                .port("http", 8000, "8080")
                .port("metrics", 9100, "9090"));
  }

  private static NamespaceBuilder monitoring(Function<String, OtherObject> monitor) {
    return namespace("monitoring").with(monitor);
  }

  static Stream<Arguments> metrics() {
    HazardCode code = METRICS_SCRAPED_FROM_APPLICATION;
    List<String> foo = List.of("foo");
    return Stream.of(
        row("by annotation", code, world(foo(annotated(httpbin(), "9090"))), FINDING),
        row("merged by the sidecar", code, world(foo(annotated(httpbin(), "15020")))),
        row(
            "by an annotation that is switched off",
            code,
            world(foo(annotated(httpbin(), "9090").annotation("prometheus.io/scrape", "false")))),
        row("of a pod without proxy", code, world(foo(annotated(pod("x"), "9090"), httpbin()))),
        row(
            "from an excluded port",
            code,
            world(foo(annotated(httpbin().excludeInbound(9090), "9090")))),
        row(
            "from a port that is kept open",
            code,
            world(
                foo(annotated(httpbin(), "9090"))
                    .with(policy("w", STRICT).selector("app", "httpbin").port(9090, PERMISSIVE)))),
        row(
            "by a ServiceMonitor elsewhere",
            code,
            world(monitored(httpbin()), monitoring(serviceMonitor(foo, "metrics", "", false))),
            FINDING),
        row(
            "by a ServiceMonitor for all namespaces",
            code,
            world(
                monitored(httpbin()), monitoring(serviceMonitor(List.of(), "", "metrics", false))),
            FINDING),
        row(
            "by a ServiceMonitor that shows a certificate",
            code,
            world(monitored(httpbin()), monitoring(serviceMonitor(foo, "metrics", "", true)))),
        row(
            "by a ServiceMonitor for other namespaces",
            code,
            world(
                monitored(httpbin()),
                monitoring(serviceMonitor(List.of("bar"), "metrics", "", false)))),
        row(
            "by a ServiceMonitor for the sidecar's port",
            code,
            world(monitored(httpbin()), monitoring(serviceMonitor(foo, "", "15090", false)))),
        row(
            "by a ServiceMonitor for a port that is not there",
            code,
            world(monitored(httpbin()), monitoring(serviceMonitor(foo, "other", "", false)))),
        row(
            "by a ServiceMonitor for pods without proxy",
            code,
            world(
                monitored(pod("httpbin").namedPort("metrics", 9090)).with(sidecarPod("curl")),
                monitoring(serviceMonitor(foo, "metrics", "", false)))),
        row(
            "by a PodMonitor, by name",
            code,
            world(monitored(httpbin()), monitoring(podMonitor("metrics", ""))),
            FINDING),
        row(
            "by a PodMonitor, by number",
            code,
            world(monitored(httpbin()), monitoring(podMonitor("", "9090"))),
            FINDING),
        row(
            "by a PodMonitor for the sidecar's port",
            code,
            world(monitored(httpbin()), monitoring(podMonitor("", "15020")))));
  }

  static Stream<Arguments> initContainers() {
    HazardCode code = INIT_CONTAINER_BEFORE_PROXY;
    return Stream.of(
        row(
            "one of its own",
            code,
            world(foo(httpbin().early("migrate"))),
            "INFO Deployment foo/httpbin"),
        row("none", code, world(foo(httpbin()))),
        row("of a pod without proxy", code, world(foo(pod("x").early("migrate"), httpbin()))),
        row("of a pod that has finished", code, world(foo(httpbin().early("a").terminated()))));
  }

  private static Function<String, OtherObject> job(Map<String, String> labels, boolean onNode) {
    return ns ->
        new JobTemplate(
            new ObjectRef("CronJob", ns, "report"), labels, Map.of(), onNode, false, null);
  }

  static Stream<Arguments> jobs() {
    HazardCode code = JOB_WITHOUT_PROXY;
    Map<String, String> declines = Map.of("sidecar.istio.io/inject", "false");
    String finding = "WARNING CronJob foo/report";
    return Stream.of(
        row(
            "that declines injection",
            code,
            world(foo().label("istio-injection", "enabled").with(job(declines, false))),
            finding),
        row(
            "in a namespace of captured pods without injection",
            code,
            world(foo().with(job(Map.of(), false))),
            finding),
        row(
            "on the node's network",
            code,
            world(foo().label("istio-injection", "enabled").with(job(Map.of(), true))),
            finding),
        row(
            "that is injected",
            code,
            world(foo().label("istio-injection", "enabled").with(job(Map.of(), false)))),
        row(
            "that asks for injection by itself",
            code,
            world(foo().with(job(Map.of("sidecar.istio.io/inject", "true"), false)))),
        row(
            "that is injected by hand",
            code,
            world(
                foo()
                    .with(
                        ns ->
                            new JobTemplate(
                                new ObjectRef("CronJob", ns, "report"),
                                Map.of(),
                                Map.of(),
                                false,
                                true,
                                null)))),
        row(
            "in an ambient namespace",
            code,
            world(foo().label("istio.io/dataplane-mode", "ambient").with(job(declines, false)))),
        row("outside of the mesh", code, world(foo(pod("httpbin")).with(job(declines, false)))));
  }

  @ParameterizedTest
  @MethodSource({"probes", "metrics", "initContainers", "jobs"})
  void speaksWhereItShouldAndNowhereElse(
      HazardCode code, NamespaceBuilder[] world, List<String> expected) {
    assertEquals(expected, told(world, code));
  }

  private static ApiServerCalls calls(String service, int port, boolean required) {
    return new ApiServerCalls(
        new ObjectRef("ValidatingWebhookConfiguration", "", "w"),
        List.of(new ApiServerCalls.Call("foo", service, port, required)));
  }

  private static Arguments called(
      String name, ApiServerCalls calls, NamespaceBuilder foo, String... expected) {
    return argumentSet(name, calls, foo, List.of(expected));
  }

  static Stream<Arguments> apiServer() {
    String finding = "Deployment foo/httpbin:8080";
    ApiServerCalls required = calls("httpbin", 8000, true);
    return Stream.of(
        called("a captured backend", required, foo(), "BLOCKER " + finding),
        called("an ambient one", required, foo(ambientPod("httpbin")), "BLOCKER " + finding),
        called("that may fail", calls("httpbin", 8000, false), foo(), "WARNING " + finding),
        called("one without proxy", required, foo(pod("httpbin"), sidecarPod("curl"))),
        called("another Service", calls("other", 8000, true), foo()),
        called("another port", calls("httpbin", 443, true), foo()),
        called("past the proxy", required, foo(sidecarPod("httpbin").excludeInbound(8080))),
        called(
            "kept open",
            required,
            foo().with(policy("w", STRICT).selector("app", "httpbin").port(8080, PERMISSIVE))),
        called(
            "in another namespace",
            new ApiServerCalls(
                new ObjectRef("APIService", "", "v1.x"),
                List.of(new ApiServerCalls.Call("bar", "httpbin", 8000, true))),
            foo()));
  }

  @ParameterizedTest
  @MethodSource("apiServer")
  void speaksOfWhatTheApiServerCalls(
      ApiServerCalls calls, NamespaceBuilder foo, List<String> expected) {
    assertEquals(expected, told(world(foo), List.of(calls), CALLED_BY_API_SERVER));
  }
}
