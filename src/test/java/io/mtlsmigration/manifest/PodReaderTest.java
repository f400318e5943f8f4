// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.Lifecycle;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class PodReaderTest {

  @Test
  void readsAPodAsKubectlPrintsIt() {
    String manifests =
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: httpbin-7d9-abcde
          namespace: foo
          uid: 11111111-2222-3333-4444-555555555555
          creationTimestamp: "2026-01-02T03:04:05Z"
          labels: {app: httpbin, pod-template-hash: 7d9, security.istio.io/tlsMode: istio}
          annotations:
            sidecar.istio.io/status: '{"revision":"default"}'
            kubectl.kubernetes.io/restartedAt: "2026-01-01T00:00:00Z"
            prometheus.io/port: "15020"
          ownerReferences:
          - {apiVersion: apps/v1, kind: ReplicaSet, name: httpbin-7d9, controller: true, uid: x}
        spec:
          serviceAccountName: httpbin
          nodeName: node-1
          containers:
          - name: httpbin
            ports:
            - {containerPort: 8080, name: http}
            - {containerPort: 53, protocol: UDP, hostPort: 5353}
            readinessProbe: {httpGet: {path: /status/200, port: http}}
          - name: istio-proxy
            ports: [{containerPort: 15090, name: http-envoy-prom}]
          initContainers:
          - {name: ends, ports: [{containerPort: 1}]}
          - {name: stays, restartPolicy: Always, ports: [{containerPort: 9000}]}
        status:
          phase: Running
          podIP: 10.0.0.7
          podIPs: [{ip: 10.0.0.7}, {ip: "fd00::7"}]
          containerStatuses: [{name: httpbin, restartCount: 9}, {name: istio-proxy, restartCount: 3}]
          conditions: [{type: Initialized, status: "True"}, {type: Ready, status: "True"}]
        """;

    Facts facts = Given.dump(manifests);

    Pod expected =
        new Pod(
            new ObjectRef("Pod", "foo", "httpbin-7d9-abcde"),
            "11111111-2222-3333-4444-555555555555",
            new WorkloadRef("foo", "Deployment", "httpbin"),
            Map.of(
                "app", "httpbin", "pod-template-hash", "7d9", "security.istio.io/tlsMode", "istio"),
            Map.of("prometheus.io/port", "15020"),
            DataPlane.SIDECAR,
            InboundCapture.EVERYTHING,
            false,
            List.of(
                new ContainerPort("http", 8080, "TCP", 0),
                new ContainerPort("", 53, "UDP", 5353),
                new ContainerPort("", 9000, "TCP", 0)),
            new Lifecycle(
                List.of(new Lifecycle.Probe("httpbin", "readinessProbe", 8080, "/status/200")),
                List.of("ends", "stays")),
            "10.0.0.7",
            List.of("fd00::7"),
            "node-1",
            "httpbin",
            true,
            false,
            3,
            false,
            Instant.parse("2026-01-02T03:04:05Z"));
    assertEquals(List.of(expected), Given.namespace(facts, "foo").pods());
  }

  @ParameterizedTest
  @CsvSource({
    "'{phase: Running, conditions: [{type: Ready, status: \"True\"}]}', true, false",
    "'{phase: Running, conditions: [{type: Ready, status: \"False\"}]}', false, false",
    "'{phase: Pending}', false, false",
    "'{}', false, false",
    "null, true, false",
    "'{phase: Succeeded}', false, true",
    "'{phase: Failed}', false, true",
  })
  void tellsWhetherItIsReadyOrOver(String status, boolean ready, boolean terminated) {
    Facts facts =
        Given.dump("{apiVersion: v1, kind: Pod, metadata: {name: p}, status: " + status + "}");

    Pod pod = Given.namespace(facts, "default").pods().get(0);
    assertEquals(ready, pod.ready());
    assertEquals(terminated, pod.terminated());
  }

  /** As kubelet tells of a pod in {@code Init:CrashLoopBackOff}, and of others. */
  @ParameterizedTest
  @CsvSource({
    "containerStatuses, 'restartCount: 0, started: false, state: {waiting: {}}', true",
    "initContainerStatuses, 'restartCount: 0, started: false, state: {waiting: {}}', true",
    "containerStatuses, 'restartCount: 0, started: true, state: {running: {}}', false",
    "containerStatuses, 'restartCount: 0, started: false, state: {terminated: {}}', false",
    "containerStatuses, 'state: {waiting: {}}, lastState: {terminated: {exitCode: 1}}', false",
    "containerStatuses, 'restartCount: 1, state: {waiting: {}}', false",
    "containerStatuses, 'started: true, state: {waiting: {}}', false",
    "containerStatuses, 'restartCount: 0', false",
    "ephemeralContainerStatuses, 'state: {waiting: {}}', false",
  })
  void tellsWhetherItsProxyHasNeverRun(String containers, String status, boolean unstarted) {
    String manifest =
        """
        apiVersion: v1
        kind: Pod
        metadata:
          {name: p, annotations: {sidecar.istio.io/status: '{"revision":"default"}'}}
        spec:
          initContainers:
          - {name: wait-for-db, image: busybox}
          containers:
          - {name: app, image: app}
          - {name: istio-proxy, image: proxyv2}
        status:
          phase: Pending
          podIP: 10.244.1.17
          conditions: [{type: Initialized, status: "False"}, {type: Ready, status: "False"}]
          %s:
          - {name: wait-for-db, restartCount: 212, ready: false, started: false, state: {waiting: {
             message: back-off 5m0s restarting failed container, reason: CrashLoopBackOff}},
             lastState: {terminated: {exitCode: 1, reason: Error}}}
          - {name: istio-proxy, image: proxyv2, imageID: "", ready: false, %s}
        """
            .formatted(containers, status);

    Pod pod = Given.namespace(Given.dump(manifest), "default").pods().get(0);
    assertEquals(DataPlane.SIDECAR, pod.dataPlane());
    assertEquals(unstarted, pod.proxyUnstarted());
  }

  @Test
  void takesTheTimeOfObservationWhereNoneIsGiven() {
    Facts facts = Given.dump("{apiVersion: v1, kind: Pod, metadata: {name: p}}");

    assertEquals(Given.NOON, Given.namespace(facts, "default").pods().get(0).createdAt());
  }

  static Stream<Arguments> owners() {
    return Stream.of(
        owner("bare pod", "Pod p", "", "", ""),
        owner("not a controller", "Pod p", "{kind: ReplicaSet, name: x}", "", ""),
        owner(
            "replica set by hash",
            "Deployment web",
            owner("ReplicaSet", "web-5f"),
            "pod-template-hash: 5f",
            ""),
        owner(
            "replica set without hash", "ReplicaSet web-5f", owner("ReplicaSet", "web-5f"), "", ""),
        owner(
            "replica set of another name",
            "ReplicaSet web5f",
            owner("ReplicaSet", "web5f"),
            "pod-template-hash: 5f",
            ""),
        owner(
            "replica set that is known to have no owner",
            "ReplicaSet web-5f",
            owner("ReplicaSet", "web-5f"),
            "pod-template-hash: 5f",
            "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-5f}}"),
        owner(
            "replica set whose owner is known",
            "Rollout canary",
            owner("ReplicaSet", "web-5f"),
            "pod-template-hash: 5f",
            "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-5f, ownerReferences: ["
                + owner("Rollout", "canary")
                + "]}}"),
        owner(
            "rollout by hash",
            "Rollout web",
            owner("ReplicaSet", "web-5f"),
            "rollouts-pod-template-hash: 5f",
            ""),
        owner("named by its operator", "Pod p", owner("Cluster", "db"), "", ""),
        owner(
            "named by its operator, whose kind is called as one of Kubernetes",
            "Pod p",
            owner("Job", "train").replace("{", "{apiVersion: batch.volcano.sh/v1alpha1, "),
            "",
            ""),
        owner(
            "job of Kubernetes",
            "Job train",
            owner("Job", "train").replace("{", "{apiVersion: batch/v1, "),
            "",
            ""),
        owner("static", "Pod p", owner("Node", "node-1"), "", ""),
        owner(
            "named by the API server for another controller",
            "CloneSet web",
            owner("CloneSet", "web") + "], generateName: web-, finalizers: [",
            "",
            ""),
        owner("stateful set", "StatefulSet db", owner("StatefulSet", "db"), "", ""),
        owner(
            "deployment config",
            "DeploymentConfig web",
            owner("ReplicationController", "web-3"),
            "deploymentconfig: web",
            ""),
        owner("cron job", "CronJob backup", owner("Job", "backup-29012345"), "", ""),
        owner("job", "Job backup-1", owner("Job", "backup-1"), "", ""),
        owner(
            "job that only looks like a cron job's",
            "Job backup-29012345",
            owner("Job", "backup-29012345"),
            "",
            "{apiVersion: batch/v1, kind: Job, metadata: {name: backup-29012345}}"));
  }

  private static Arguments owner(
      String name, String expected, String reference, String labels, String more) {
    return argumentSet(name, expected, reference, labels, more);
  }

  private static String owner(String kind, String name) {
    return "{kind: " + kind + ", name: " + name + ", controller: true}";
  }

  @ParameterizedTest
  @MethodSource("owners")
  void tellsTheWorkload(String expected, String reference, String labels, String more) {
    String manifests =
        """
        {apiVersion: v1, kind: Pod, metadata: {name: p, labels: {%s}, ownerReferences: [%s]}}
        ---
        %s
        """
            .formatted(labels, reference, more);

    Facts facts = Given.dump(manifests);

    WorkloadRef workload = Given.namespace(facts, "default").pods().get(0).workload();
    assertEquals(expected, workload.kind() + " " + workload.name());
  }

  @Test
  void collectsEveryWrongFieldOfAPod() {
    String manifests =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, namespace: foo, creationTimestamp: yesterday}
        spec:
          hostNetwork: "true"
          containers:
          - {name: app, ports: [{containerPort: 70000}, {containerPort: "80"}, {name: x}, 80]}
        """;

    Facts facts = Given.dump(manifests);

    assertEquals(
        List.of(
            "/spec/hostNetwork: Pod foo/p: must be true or false, but is a string",
            "/spec/containers/0/ports/3: Pod foo/p: must be an object, but is a number",
            "/spec/containers/0/ports/0/containerPort: Pod foo/p: must be from 1 to 65535",
            "/spec/containers/0/ports/1/containerPort: Pod foo/p: must be an integer, but is a"
                + " string",
            "/spec/containers/0/ports/2/containerPort: Pod foo/p: is required",
            "/metadata/creationTimestamp: Pod foo/p: must be a time such as 2026-11-25T08:00:00Z"),
        Given.said(facts.problems()));
    assertTrue(
        Given.namespace(facts, "foo").unreadable().stream()
            .allMatch(field -> field.ref().equals(new ObjectRef("Pod", "foo", "p"))));
    assertEquals(List.of(), Given.namespace(facts, "foo").pods());
  }
}
