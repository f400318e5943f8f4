package io.mtlsmigration.kubernetes.wire;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.EphemeralContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A container for tcpdump, put into a running pod. Kubernetes never takes one out again, so it ends
 * by itself after some minutes, and one that still runs is used again.
 */
final class EphemeralTcpdump {

  private static final String NAME = "mtls-migration-wire-";
  private static final String LIFETIME_SECONDS = "600";
  private static final long START_SECONDS = 30;

  private final KubernetesClient client;
  private final String image;

  EphemeralTcpdump(KubernetesClient client, String image) {
    this.client = client;
    this.image = image;
  }

  /**
   * The name of a container of ours that runs in the pod.
   *
   * @return empty when it did not start in time
   * @throws io.fabric8.kubernetes.client.KubernetesClientException when it may not be added
   */
  Optional<String> containerIn(Pod pod) {
    Optional<String> running = ours(pod).filter(name -> isRunning(pod, name)).findFirst();
    return running.isPresent() ? running : started(pod);
  }

  private Optional<String> started(Pod pod) {
    String name = NAME + ours(pod).count();
    var resource =
        client
            .pods()
            .inNamespace(pod.getMetadata().getNamespace())
            .withName(pod.getMetadata().getName());
    resource
        .ephemeralContainers()
        .edit(
            present ->
                new PodBuilder(present)
                    .editSpec()
                    .addToEphemeralContainers(container(name))
                    .endSpec()
                    .build());
    try {
      resource.waitUntilCondition(
          now -> now != null && isRunning(now, name), START_SECONDS, TimeUnit.SECONDS);
      return Optional.of(name);
    } catch (KubernetesClientTimeoutException e) {
      return Optional.empty();
    }
  }

  private EphemeralContainer container(String name) {
    return new EphemeralContainerBuilder()
        .withName(name)
        .withImage(image)
        .withCommand("sleep", LIFETIME_SECONDS)
        .withNewSecurityContext()
        .withRunAsUser(0L)
        .withRunAsNonRoot(false)
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .withAdd("NET_RAW")
        .endCapabilities()
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .build();
  }

  private static java.util.stream.Stream<String> ours(Pod pod) {
    return pod.getSpec().getEphemeralContainers().stream()
        .map(EphemeralContainer::getName)
        .filter(name -> name.startsWith(NAME));
  }

  private static boolean isRunning(Pod pod, String container) {
    List<ContainerStatus> statuses = pod.getStatus().getEphemeralContainerStatuses();
    return statuses.stream()
        .anyMatch(
            status ->
                status.getName().equals(container)
                    && status.getState() != null
                    && status.getState().getRunning() != null);
  }
}
