// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.Lifecycle;
import io.mtlsmigration.mesh.Pod;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes past a pod's proxy, as it runs and as its template will. */
final class LifecycleReaderTest {

  private static final String PROXY = ", {name: istio-proxy}";

  static Stream<Arguments> probes() {
    return Stream.of(
        argumentSet("HTTP", "{httpGet: {port: 8080}}", "a readinessProbe 8080"),
        argumentSet("HTTP by name", "{httpGet: {port: web}}", "a readinessProbe 8081"),
        argumentSet("gRPC", "{grpc: {port: 9000}}", "a readinessProbe 9000"),
        argumentSet("rewritten", "{httpGet: {port: 15020, path: /app-health/a/readyz}}", ""),
        argumentSet("of another host", "{httpGet: {port: 8080, host: 10.0.0.1}}", ""),
        argumentSet("by a name that is not there", "{httpGet: {port: nothing}}", ""),
        argumentSet("by a text of digits", "{httpGet: {port: '8080'}}", "a readinessProbe 8080"),
        argumentSet("a connection", "{tcpSocket: {port: 8080}}", ""),
        argumentSet("a command", "{exec: {command: [true]}}", ""));
  }

  @ParameterizedTest
  @MethodSource("probes")
  void readsProbesThatCallTheApplication(String probe, String expected) {
    Lifecycle lifecycle = running(container("readinessProbe: " + probe) + PROXY, "");

    assertEquals(expected, told(lifecycle));
  }

  @ParameterizedTest
  @MethodSource("probes")
  void hasNothingToTellOfAPodWithoutProxy(String probe, String ignored) {
    assertEquals(Lifecycle.PLAIN, running(container("readinessProbe: " + probe), "{name: early}"));
  }

  static Stream<Arguments> places() {
    return Stream.of(
        argumentSet("startup", "startupProbe: {httpGet: {port: 1}}", "a startupProbe 1"),
        argumentSet("liveness", "livenessProbe: {httpGet: {port: 1}}", "a livenessProbe 1"),
        argumentSet("hook", "lifecycle: {preStop: {httpGet: {port: 1}}}", "a preStop 1"));
  }

  @ParameterizedTest
  @MethodSource("places")
  void readsWhateverTheKubeletCalls(String field, String expected) {
    assertEquals(expected, told(running(container(field) + PROXY, "")));
  }

  static Stream<Arguments> paths() {
    return Stream.of(
        argumentSet("none", "{httpGet: {port: 1}}", "/"),
        argumentSet("with a query", "{httpGet: {port: 1, path: '/ready?full=1'}}", "/ready"),
        argumentSet("from nowhere", "{httpGet: {port: 1, path: ready}}", "/ready"),
        argumentSet("gRPC", "{grpc: {port: 1}}", "/grpc.health.v1.Health/Check"));
  }

  @ParameterizedTest
  @MethodSource("paths")
  void readsThePathThatTheKubeletAsksFor(String probe, String expected) {
    Lifecycle lifecycle = running(container("readinessProbe: " + probe) + PROXY, "");

    assertEquals(expected, lifecycle.probes().getFirst().path());
  }

  static Stream<Arguments> early() {
    return Stream.of(
        argumentSet("before an ordinary sidecar", PROXY, "{name: x}, {name: istio-init}", "x"),
        argumentSet(
            "after a native one", "", "{name: istio-proxy, restartPolicy: Always}, {name: x}", ""),
        argumentSet(
            "before a native one",
            "",
            "{name: x}, {name: istio-proxy, restartPolicy: Always}, {name: z}",
            "x"),
        argumentSet("only Istio's", PROXY, "{name: istio-validation}, {name: istio-init}", ""));
  }

  @ParameterizedTest
  @MethodSource("early")
  void readsWhatRunsBeforeTheProxy(String proxy, String initContainers, String expected) {
    Lifecycle lifecycle = running(container("image: x") + proxy, initContainers);

    assertEquals(expected, String.join(",", lifecycle.early()));
  }

  static Stream<Arguments> templates() {
    return Stream.of(
        argumentSet("by default", "{}", "", ""),
        argumentSet(
            "with probes left alone",
            "{sidecar.istio.io/rewriteAppHTTPProbers: 'false'}",
            "a readinessProbe 8080",
            ""),
        argumentSet(
            "without a native sidecar", "{sidecar.istio.io/nativeSidecar: 'false'}", "", "x"));
  }

  @ParameterizedTest
  @MethodSource("templates")
  void knowsWhatInjectionMakesOfATemplate(String annotations, String probes, String early) {
    Facts facts =
        Given.folder(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: foo, labels: {istio-injection: enabled}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: a, namespace: foo}
            spec:
              template:
                metadata: {annotations: %s}
                spec:
                  containers: [{name: a, readinessProbe: {httpGet: {port: 8080}}}]
                  initContainers: [{name: x}]
            """
                .formatted(annotations));

    Lifecycle lifecycle = Given.namespace(facts, "foo").pods().get(0).lifecycle();
    assertEquals(probes, told(lifecycle));
    assertEquals(early, String.join(",", lifecycle.early()));
  }

  static Stream<Arguments> metrics() {
    return Stream.of(
        argumentSet("merged", "", "15020"),
        argumentSet("not merged", ", prometheus.istio.io/merge-metrics: 'false'", "9090"));
  }

  @ParameterizedTest
  @MethodSource("metrics")
  void knowsWhatInjectionMakesOfScrapedPorts(String more, String port) {
    Facts facts =
        Given.folder(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: foo, labels: {istio-injection: enabled}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: a, namespace: foo}
            spec:
              template:
                metadata:
                  annotations: {prometheus.io/scrape: 'true', prometheus.io/port: '9090'%s}
                spec: {containers: [{name: a}]}
            """
                .formatted(more));

    Pod pod = Given.namespace(facts, "foo").pods().get(0);
    assertEquals(port, pod.annotations().get("prometheus.io/port"));
  }

  private static String container(String field) {
    return "{name: a, ports: [{containerPort: 8081, name: web}], " + field + "}";
  }

  private static Lifecycle running(String containers, String initContainers) {
    Facts facts =
        Given.dump(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: a, namespace: foo, annotations: {sidecar.istio.io/status: '{}'}}
            spec: {containers: [%s], initContainers: [%s]}
            """
                .formatted(containers, initContainers));
    return Given.namespace(facts, "foo").pods().get(0).lifecycle();
  }

  private static String told(Lifecycle lifecycle) {
    return String.join(
        ",",
        lifecycle.probes().stream()
            .map(p -> p.container() + " " + p.field() + " " + p.port())
            .toList());
  }
}
