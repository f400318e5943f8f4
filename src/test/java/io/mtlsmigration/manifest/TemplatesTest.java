// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Workloads that come without their pods, as in folders of manifests. */
final class TemplatesTest {

  private static final String INJECTED = "istio-injection: enabled";

  /** Expected values: the selectors of mutatingwebhook.yaml, then {@code injectRequired}. */
  static Stream<Arguments> injections() {
    String no = "";
    String on = "sidecar.istio.io/inject: 'true'";
    String off = "sidecar.istio.io/inject: 'false'";
    String rev = "istio.io/rev: canary";
    return Stream.of(
        injection("nothing asks", false, "foo", no, no, no),
        injection("namespace", true, "foo", INJECTED, no, no),
        injection("revision of the namespace", true, "foo", rev, no, no),
        injection("pod", true, "foo", no, on, no),
        injection("revision of the pod", true, "foo", no, rev, no),
        injection("revision of the pod, switched off", false, "foo", no, rev + ", " + off, no),
        injection("annotation alone reaches no webhook", false, "foo", no, no, on),
        injection("label says no", false, "foo", INJECTED, off, no),
        injection("revision, label says no", false, "foo", rev, off, no),
        injection("annotation says no", false, "foo", INJECTED, no, off),
        injection("label beats annotation", true, "foo", INJECTED, on, off),
        injection("namespace says no", false, "foo", "istio-injection: disabled", on, no),
        injection(
            "disabled beats revision", false, "foo", "istio-injection: disabled, " + rev, rev, no),
        injection(
            "neither yes nor no is no answer",
            true,
            "foo",
            INJECTED,
            "sidecar.istio.io/inject: maybe",
            no),
        injection("system namespace", false, "kube-system", INJECTED, no, no));
  }

  private static Arguments injection(
      String name,
      boolean expected,
      String namespace,
      String namespaceLabels,
      String podLabels,
      String podAnnotations) {
    return argumentSet(name, expected, namespace, namespaceLabels, podLabels, podAnnotations);
  }

  @ParameterizedTest
  @MethodSource("injections")
  void injectsAsIstioWould(
      boolean expected,
      String namespace,
      String namespaceLabels,
      String podLabels,
      String podAnnotations) {
    String manifests =
        deployment(
                namespace,
                "labels: {%s}, annotations: {%s}".formatted(podLabels, podAnnotations),
                "")
            + namespace(namespace, namespaceLabels);

    Facts facts = Given.folder(manifests);

    Pod pod = Given.namespace(facts, namespace).pods().get(0);
    assertEquals(expected ? DataPlane.SIDECAR : DataPlane.NONE, pod.dataPlane());
    assertEquals(expected, pod.announcesIstioTls());
  }

  static Stream<Arguments> dataPlanes() {
    String ambient = "istio.io/dataplane-mode: ambient";
    return Stream.of(
        argumentSet("host network", DataPlane.NONE, INJECTED, "", "hostNetwork: true"),
        argumentSet("ambient", DataPlane.AMBIENT, ambient, "", ""),
        argumentSet(
            "ambient on the host network", DataPlane.NONE, ambient, "", "hostNetwork: true"),
        argumentSet(
            "ambient, pod opts out",
            DataPlane.NONE,
            ambient,
            "labels: {istio.io/dataplane-mode: none}",
            ""),
        argumentSet("both", DataPlane.SIDECAR, ambient + ", " + INJECTED, "", ""),
        argumentSet(
            "gateway template",
            DataPlane.GATEWAY,
            INJECTED,
            "annotations: {inject.istio.io/templates: gateway}",
            ""),
        argumentSet(
            "injected by hand",
            DataPlane.SIDECAR,
            "",
            "annotations: {sidecar.istio.io/status: '{}'}",
            "containers: [{name: istio-proxy}]"));
  }

  @ParameterizedTest
  @MethodSource("dataPlanes")
  void foreseesTheDataPlane(
      DataPlane expected, String namespaceLabels, String podMetadata, String podSpec) {
    String manifests = namespace("foo", namespaceLabels) + deployment("foo", podMetadata, podSpec);

    Facts facts = Given.folder(manifests);

    assertEquals(expected, Given.namespace(facts, "foo").pods().get(0).dataPlane());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          apps/v1 | Deployment | template: {}                                        | 1
          apps/v1 | Deployment | replicas: 2, template: {}                           | 2
          apps/v1 | Deployment | replicas: 500, template: {}                         | 3
          apps/v1 | Deployment | replicas: 0, template: {}                           | 0
          apps/v1 | StatefulSet | replicas: 2, template: {}                          | 2
          apps/v1 | ReplicaSet | replicas: 2, template: {}                           | 2
          v1 | ReplicationController | replicas: 2, template: {}                     | 2
          apps/v1 | DaemonSet  | template: {}                                        | 1
          batch/v1 | Job       | parallelism: 2, template: {}                        | 2
          batch/v1 | Job       | suspend: true, template: {}                         | 0
          batch/v1 | CronJob   | jobTemplate: {spec: {parallelism: 2, template: {}}} | 2
          batch/v1 | CronJob   | suspend: true, jobTemplate: {spec: {template: {}}}  | 0
          """)
  void representsAWorkloadByAFewPods(String apiVersion, String kind, String spec, int pods) {
    String manifests =
        "{apiVersion: %s, kind: %s, metadata: {name: w, namespace: foo}, spec: {%s}}"
            .formatted(apiVersion, kind, spec);

    Facts facts = Given.folder(manifests);

    List<Pod> made = Given.namespace(facts, "foo").pods();
    assertEquals(pods, made.size());
    assertTrue(made.stream().allMatch(p -> p.workload().equals(new WorkloadRef("foo", kind, "w"))));
  }

  @Test
  void makesReadyPodsOfTheTemplate() {
    String manifests =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: httpbin, namespace: foo, creationTimestamp: 2026-01-01T00:00:00Z}
        spec:
          template:
            metadata:
              labels: {app: httpbin}
              annotations: {traffic.sidecar.istio.io/excludeInboundPorts: "9090"}
            spec:
              serviceAccountName: httpbin
              containers: [{name: app, ports: [{containerPort: 8080, name: http}]}]
        ---
        """
            + namespace("foo", INJECTED);

    Facts facts = Given.folder(manifests);

    Pod pod = Given.namespace(facts, "foo").pods().get(0);
    assertEquals("httpbin-0", pod.name());
    assertEquals("httpbin", pod.serviceAccount());
    assertEquals(8080, pod.ports().get(0).port());
    assertTrue(pod.ready());
    assertTrue(pod.inbound().bypasses(9090));
    assertEquals("2026-01-01T00:00:00Z", pod.createdAt().toString());
  }

  @Test
  void makesNoPodsForAWorkloadThatHasSome() {
    String manifests =
        """
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: foo}}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: w-5f-x
          namespace: foo
          labels: {pod-template-hash: 5f}
          ownerReferences: [{kind: ReplicaSet, name: w-5f, controller: true}]
        """;

    Facts facts = Given.folder(manifests);

    assertEquals(
        List.of("w-5f-x"), Given.namespace(facts, "foo").pods().stream().map(Pod::name).toList());
  }

  @Test
  void leavesAnOwnedControllerToItsOwner() {
    String manifests =
        """
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: foo}}
        ---
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata:
          name: w-5f
          namespace: foo
          ownerReferences: [{kind: Deployment, name: w, controller: true}]
        """;

    Facts facts = Given.folder(manifests);

    assertEquals(
        List.of("w-0"), Given.namespace(facts, "foo").pods().stream().map(Pod::name).toList());
  }

  @Test
  void keepsPodsOfEquallyNamedWorkloadsApart() {
    String manifests =
        """
        {apiVersion: v1, kind: Pod, metadata: {name: w-0, namespace: foo}}
        ---
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: foo}}
        ---
        {apiVersion: batch/v1, kind: Job, metadata: {name: w, namespace: foo}}
        """;

    Facts facts = Given.folder(manifests);

    assertEquals(
        List.of("w-0", "w-deployment-0", "w-job-0"),
        Given.namespace(facts, "foo").pods().stream().map(Pod::name).toList());
  }

  @Test
  void makesNoPodsOfTemplatesInADump() {
    Facts facts = Given.dump("{apiVersion: apps/v1, kind: Deployment, metadata: {name: w}}");

    assertEquals(List.of(), Given.namespace(facts, "default").pods());
  }

  @Test
  void findsWhatIsWrongWithATemplate() {
    String manifests =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: w, namespace: foo}
        spec: {replicas: two, template: {spec: {hostNetwork: 1}}}
        """;

    Facts facts = Given.folder(manifests);

    assertEquals(
        List.of(
            "/spec/replicas: Deployment foo/w: must be an integer, but is a string",
            "/spec/template/spec/hostNetwork: Deployment foo/w: must be true or false, but is a"
                + " number"),
        Given.said(facts.problems()));
  }

  private static String namespace(String name, String labels) {
    return "{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {%s}}}\n---\n"
        .formatted(name, labels);
  }

  private static String deployment(String namespace, String podMetadata, String podSpec) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: w, namespace: %s}
    spec: {template: {metadata: {%s}, spec: {%s}}}
    ---
    """
        .formatted(namespace, podMetadata, podSpec);
  }
}
