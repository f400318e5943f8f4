// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands in for the scheduler and the one node of a cluster: every pod outside the service's own
 * namespace runs as soon as it exists, with an address, and ends when it is deleted. EndpointSlices
 * follow by the real controller. Nothing runs in the containers; {@link Containers} answers.
 */
final class StandInNode implements AutoCloseable {

  private static final String NAME = "stand-in";

  private final KubernetesClient client;
  private final StandInKubelet kubelet;
  private final SharedIndexInformer<Pod> pods;
  private final ExecutorService worker = Executors.newSingleThreadExecutor();
  private final AtomicInteger addresses = new AtomicInteger(1);

  StandInNode(KubernetesClient client, StandInKubelet kubelet) {
    this.client = client;
    this.kubelet = kubelet;
    register();
    this.pods = client.pods().inAnyNamespace().inform(new Runner());
  }

  private void register() {
    Node node =
        new NodeBuilder()
            .withNewMetadata()
            .withName(NAME)
            .endMetadata()
            .withNewSpec()
            .endSpec()
            .build();
    client.nodes().resource(node).create();
    // Controllers write to a new node, too.
    await("the node is ready")
        .atMost(Duration.ofSeconds(30))
        .ignoreException(KubernetesClientException.class)
        .until(() -> beginning() != null);
  }

  private Node beginning() {
    return client
        .nodes()
        .withName(NAME)
        .editStatus(
            known ->
                new NodeBuilder(known)
                    .withNewStatus()
                    .addNewAddress("127.0.0.1", "InternalIP")
                    .withNewDaemonEndpoints()
                    .withNewKubeletEndpoint(kubelet.port())
                    .endDaemonEndpoints()
                    .addNewCondition()
                    .withType("Ready")
                    .withStatus("True")
                    .endCondition()
                    .endStatus()
                    .build());
  }

  /** One after the other; what fails, such as by a conflict, comes again with the next event. */
  private final class Runner implements ResourceEventHandler<Pod> {
    @Override
    public void onAdd(Pod pod) {
      worker.execute(() -> carryOn(pod));
    }

    @Override
    public void onUpdate(Pod before, Pod pod) {
      worker.execute(() -> carryOn(pod));
    }

    @Override
    public void onDelete(Pod pod, boolean unknown) {}
  }

  private void carryOn(Pod pod) {
    if (pod.getMetadata().getNamespace().equals(TestCluster.OWN)) {
      return;
    }
    try {
      if (pod.getMetadata().getDeletionTimestamp() != null) {
        client.resource(pod).withGracePeriod(0).delete();
      } else if (pod.getSpec().getNodeName() == null) {
        bind(pod);
      } else if (!"Running".equals(pod.getStatus().getPhase())) {
        client.resource(pod).editStatus(this::running);
      } else if (pod.getStatus().getEphemeralContainerStatuses().size()
          < pod.getSpec().getEphemeralContainers().size()) {
        client.resource(pod).editStatus(StandInNode::withEphemeralContainers);
      }
    } catch (KubernetesClientException e) {
      if (e.getCode() != 404 && e.getCode() != 409) {
        System.err.println("stand-in node: " + pod.getMetadata().getName() + ": " + e.getMessage());
      }
    }
  }

  private void bind(Pod pod) {
    client
        .bindings()
        .inNamespace(pod.getMetadata().getNamespace())
        .resource(
            new BindingBuilder()
                .withNewMetadata()
                .withName(pod.getMetadata().getName())
                .endMetadata()
                .withNewTarget()
                .withApiVersion("v1")
                .withKind("Node")
                .withName(NAME)
                .endTarget()
                .build())
        .create();
  }

  private Pod running(Pod pod) {
    int number = addresses.incrementAndGet();
    String address = "10.244.%d.%d".formatted(number / 250, number % 250 + 2);
    String now = Instant.now().toString();
    List<ContainerStatus> statuses =
        pod.getSpec().getContainers().stream()
            .map(
                container ->
                    new ContainerStatusBuilder()
                        .withName(container.getName())
                        .withImage(container.getImage())
                        .withImageID("stand-in")
                        .withReady(true)
                        .withStarted(true)
                        .withRestartCount(0)
                        .withNewState()
                        .withNewRunning(now)
                        .endState()
                        .build())
            .toList();
    return new PodBuilder(pod)
        .editStatus()
        .withPhase("Running")
        .withHostIP("127.0.0.1")
        .withPodIP(address)
        .withPodIPs()
        .addNewPodIP(address)
        .withStartTime(now)
        .withContainerStatuses(statuses)
        .withConditions(
            List.of("PodScheduled", "Initialized", "ContainersReady", "Ready").stream()
                .map(
                    type ->
                        new PodConditionBuilder()
                            .withType(type)
                            .withStatus("True")
                            .withLastTransitionTime(now)
                            .build())
                .toList())
        .endStatus()
        .build();
  }

  private static Pod withEphemeralContainers(Pod pod) {
    String now = Instant.now().toString();
    List<ContainerStatus> statuses =
        pod.getSpec().getEphemeralContainers().stream()
            .map(
                container ->
                    new ContainerStatusBuilder()
                        .withName(container.getName())
                        .withImage(container.getImage())
                        .withImageID("stand-in")
                        .withReady(false)
                        .withRestartCount(0)
                        .withNewState()
                        .withNewRunning(now)
                        .endState()
                        .build())
            .toList();
    return new PodBuilder(pod)
        .editStatus()
        .withEphemeralContainerStatuses(statuses)
        .endStatus()
        .build();
  }

  @Override
  public void close() {
    pods.close();
    worker.shutdownNow();
    kubelet.close();
  }
}
