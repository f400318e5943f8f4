// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.probe.ProbeAgents;
import io.mtlsmigration.probe.ProbeAgents.Agent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The manifests of agents. Agents pass the {@code restricted} Pod Security Standard, have no token,
 * and do nothing by themselves.
 */
final class AgentManifests {

  private static final String INSTANCE = "app.kubernetes.io/instance";
  private static final String CAPTURE = "mtls-migration.io/capture";

  /** The maximum duration of {@code sleep}, longer than a node lives. */
  private static final String LONG = "2147483647";

  private final AgentOptions options;

  AgentManifests(AgentOptions options) {
    this.options = options;
  }

  Map<String, String> ownerLabels() {
    Map<String, String> labels = new HashMap<>(ProbeAgents.LABELS);
    labels.put(INSTANCE, options.instance());
    return labels;
  }

  boolean isOurs(Deployment found) {
    Map<String, String> labels = found.getMetadata().getLabels();
    return labels != null && labels.entrySet().containsAll(ownerLabels().entrySet());
  }

  /** Returns the agent of a Deployment of ours; null when somebody has changed its labels. */
  static @Nullable Agent agent(Deployment found) {
    String capture = found.getMetadata().getLabels().get(CAPTURE);
    for (DataPlane plane : List.of(DataPlane.SIDECAR, DataPlane.AMBIENT, DataPlane.NONE)) {
      Agent agent = new Agent(found.getMetadata().getNamespace(), plane);
      if (capture(plane).equals(capture)
          && agent.deployment().equals(found.getMetadata().getName())) {
        return agent;
      }
    }
    return null;
  }

  /** Returns whether the Deployments agree in the fields that we set; admission adds defaults. */
  static boolean same(Deployment found, Deployment wanted) {
    return image(found).equals(image(wanted))
        && Objects.equals(user(found), user(wanted))
        && found.getMetadata().getLabels().equals(wanted.getMetadata().getLabels());
  }

  private static String image(Deployment deployment) {
    List<Container> containers = deployment.getSpec().getTemplate().getSpec().getContainers();
    return containers.isEmpty() ? "" : containers.getFirst().getImage();
  }

  private static @Nullable Long user(Deployment deployment) {
    PodSecurityContext context = deployment.getSpec().getTemplate().getSpec().getSecurityContext();
    return context == null ? null : context.getRunAsUser();
  }

  private static String capture(DataPlane plane) {
    return switch (plane) {
      case SIDECAR -> "sidecar";
      case AMBIENT -> "ambient";
      case NONE, GATEWAY -> "none";
    };
  }

  Deployment deployment(Agent agent) {
    Map<String, String> labels = ownerLabels();
    labels.put(CAPTURE, capture(agent.plane()));
    Map<String, String> podLabels = new HashMap<>(labels);
    podLabels.putAll(captureLabels(agent.plane()));
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName(agent.deployment())
        .withNamespace(agent.namespace())
        .withLabels(labels)
        .addToAnnotations(
            "mtls-migration.io/purpose",
            "Connectivity probes of mtls-migration; removed when no plan needs them")
        .endMetadata()
        .withNewSpec()
        .withReplicas(1)
        .withRevisionHistoryLimit(1)
        .withNewSelector()
        .withMatchLabels(labels)
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(podLabels)
        .addToAnnotations("cluster-autoscaler.kubernetes.io/safe-to-evict", "true")
        .endMetadata()
        .withSpec(pod())
        .endTemplate()
        .endSpec()
        .build();
  }

  /**
   * Returns the pod labels that select the data plane; for the webhook and for ambient they
   * override those of the namespace.
   */
  private static Map<String, String> captureLabels(DataPlane plane) {
    return switch (plane) {
      case SIDECAR -> Map.of("sidecar.istio.io/inject", "true");
      case AMBIENT ->
          Map.of("istio.io/dataplane-mode", "ambient", "sidecar.istio.io/inject", "false");
      case NONE, GATEWAY ->
          Map.of("istio.io/dataplane-mode", "none", "sidecar.istio.io/inject", "false");
    };
  }

  private PodSpec pod() {
    @Nullable Long user = options.user().isPresent() ? options.user().getAsLong() : null;
    return new PodSpecBuilder()
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withTerminationGracePeriodSeconds(1L)
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(user)
        .withRunAsGroup(user)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .withContainers(container())
        .build();
  }

  private Container container() {
    return new ContainerBuilder()
        .withName("curl")
        .withImage(options.image())
        .withCommand("sleep", LONG)
        .withNewResources()
        .addToRequests("cpu", new Quantity("5m"))
        .addToRequests("memory", new Quantity("16Mi"))
        .addToLimits("memory", new Quantity("64Mi"))
        .endResources()
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .build();
  }
}
