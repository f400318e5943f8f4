// SPDX-License-Identifier: Apache-2.0
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
import java.util.stream.Stream;

/**
 * An ephemeral container for tcpdump in a running pod. Kubernetes never removes one, so it ends by
 * itself after some minutes, and one that still runs is reused.
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
   * Returns the name of our container that runs in the pod, adding one if needed.
   *
   * @return empty when it did not start in time
   * @throws io.fabric8.kubernetes.client.KubernetesClientException when it may not be added
   */
  Optional<String> containerIn(Pod pod) {
    Optional<String> running = running(pod);
    return running.isPresent() ? running : started(pod);
  }

  /**
   * Returns a running container of the same image and rights; others may be of other settings, or
   * of another version of the service.
   */
  Optional<String> running(Pod pod) {
    return ours(pod)
        .filter(
            one -> {
              EphemeralContainer wanted = container(one.getName(), image);
              return one.getImage().equals(wanted.getImage())
                  && one.getSecurityContext() != null
                  && wanted
                      .getSecurityContext()
                      .getCapabilities()
                      .equals(one.getSecurityContext().getCapabilities());
            })
        .map(EphemeralContainer::getName)
        .filter(name -> isRunning(pod, name))
        .findFirst();
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
                    .addToEphemeralContainers(container(name, image))
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

  /**
   * Returns the container. Listening needs NET_RAW. Debian's tcpdump then becomes a user of its
   * own, and with {@code -Z root} still sets its groups: it dies without SETUID and SETGID, and
   * without KILL {@code timeout} cannot end it, since it runs as another user. Alpine's stays root.
   */
  static EphemeralContainer container(String name, String image) {
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
        .withAdd("NET_RAW", "SETUID", "SETGID", "KILL")
        .endCapabilities()
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .build();
  }

  private static Stream<EphemeralContainer> ours(Pod pod) {
    return pod.getSpec().getEphemeralContainers().stream()
        .filter(one -> one.getName().startsWith(NAME));
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
