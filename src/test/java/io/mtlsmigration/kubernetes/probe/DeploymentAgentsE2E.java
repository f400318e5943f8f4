// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.e2e.TestCluster;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.probe.ProbeAgents;
import io.mtlsmigration.probe.ProbeAgents.Agent;
import io.mtlsmigration.probe.ProbeAgents.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Agents as a real API server takes them, with Pod Security and a Deployment controller. */
final class DeploymentAgentsE2E {

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.bare();

  private static final String NS = "foo";
  private static final String NAME = "mtls-migration-probe";
  private static final Agent SIDECAR = new Agent(NS, DataPlane.SIDECAR);
  private static final Agent AMBIENT = new Agent(NS, DataPlane.AMBIENT);
  private static final Agent BARE = new Agent("own", DataPlane.NONE);

  @BeforeAll
  static void namespaces() {
    CLUSTER.namespace(NS, Map.of("pod-security.kubernetes.io/enforce", "restricted"));
    CLUSTER.namespace("own", Map.of());
  }

  @AfterEach
  void empty() {
    for (String namespace : List.of(NS, "own")) {
      CLUSTER.kubectl().ok("delete", "deployments", "--all", "-n", namespace, "--wait");
    }
  }

  private static DeploymentAgents agents(String image, String instance) {
    return new DeploymentAgents(
        CLUSTER.admin(), new AgentOptions(image, Set.of(), OptionalLong.of(65_532), instance));
  }

  private static DeploymentAgents agents() {
    return agents("curl:1", "a");
  }

  private static Deployment deployment(String namespace, String name) {
    return CLUSTER.admin().apps().deployments().inNamespace(namespace).withName(name).get();
  }

  private static String image(Deployment deployment) {
    return deployment.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage();
  }

  private static String failure(Answer answer) {
    return assertInstanceOf(Answer.Failed.class, answer).reason();
  }

  @Test
  void placesListsAndRemoves() {
    DeploymentAgents agents = agents();

    assertEquals(new Answer.Done(), agents.place(SIDECAR));
    assertEquals(new Answer.Done(), agents.place(BARE));
    assertEquals(List.of(SIDECAR, BARE), agents.list());
    assertEquals(new Answer.Done(), agents.remove(SIDECAR));

    assertEquals(List.of(BARE), agents.list());
    assertNull(deployment(NS, NAME));
    assertEquals(new Answer.Done(), agents.remove(SIDECAR));
  }

  @Test
  void getsAPodThatThePodSecurityStandardRestrictedAdmits() {
    agents().place(SIDECAR);

    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                CLUSTER
                        .admin()
                        .pods()
                        .inNamespace(NS)
                        .withLabels(ProbeAgents.LABELS)
                        .list()
                        .getItems()
                        .size()
                    == 1);
    Map<String, String> labels =
        CLUSTER
            .admin()
            .pods()
            .inNamespace(NS)
            .withLabels(ProbeAgents.LABELS)
            .list()
            .getItems()
            .getFirst()
            .getMetadata()
            .getLabels();
    assertEquals("true", labels.get("sidecar.istio.io/inject"));
  }

  @Test
  void changesNothingOfWhatIsAsItShallBe() {
    agents().place(SIDECAR);
    await().until(() -> deployment(NS, NAME).getStatus().getObservedGeneration() != null);
    long generation = deployment(NS, NAME).getMetadata().getGeneration();

    assertEquals(new Answer.Done(), agents().place(SIDECAR));

    assertEquals(generation, deployment(NS, NAME).getMetadata().getGeneration());
  }

  @Test
  void bringsAnotherImageToWhatWasPlaced() {
    agents().place(SIDECAR);

    // The controller writes to it at the same time.
    await().until(() -> agents("curl:2", "a").place(SIDECAR) instanceof Answer.Done);

    assertEquals("curl:2", image(deployment(NS, NAME)));
  }

  @Test
  void replacesAnAgentThatIsCapturedOtherwiseThoughSelectorsCannotChange() {
    agents().place(SIDECAR);
    String before = deployment(NS, NAME).getMetadata().getUid();

    await().until(() -> agents().place(AMBIENT) instanceof Answer.Done);

    assertEquals(List.of(AMBIENT), agents().list());
    assertTrue(!before.equals(deployment(NS, NAME).getMetadata().getUid()));
  }

  @Test
  void leavesADeploymentAloneThatOnlyHasTheName() {
    foreign(Map.of("app", "mine"));

    assertTrue(failure(agents().place(SIDECAR)).contains("foo/mtls-migration-probe exists"));
    assertEquals(List.of(), agents().list());
    assertEquals(new Answer.Done(), agents().remove(SIDECAR));

    assertEquals("mine:1", image(deployment(NS, NAME)));
  }

  @Test
  void leavesTheAgentsOfAnotherInstallationAlone() {
    agents("curl:1", "b").place(SIDECAR);

    assertTrue(failure(agents().place(SIDECAR)).contains("not ours"));
    assertEquals(List.of(), agents().list());
    assertEquals(new Answer.Done(), agents().remove(SIDECAR));

    assertEquals(List.of(SIDECAR), agents("curl:1", "b").list());
  }

  private static void foreign(Map<String, String> labels) {
    CLUSTER
        .admin()
        .resource(
            new DeploymentBuilder()
                .withNewMetadata()
                .withName(NAME)
                .withNamespace(NS)
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .withMatchLabels(labels)
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("mine")
                .withImage("mine:1")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build())
        .create();
  }

  @Test
  void looksOnlyWhereAgentsMayBe() {
    agents().place(SIDECAR);
    agents().place(BARE);

    DeploymentAgents bound =
        new DeploymentAgents(
            CLUSTER.admin(),
            new AgentOptions("curl:1", Set.of("own"), OptionalLong.of(65_532), "a"));

    assertEquals(List.of(BARE), bound.list());
  }

  @Test
  void saysWhichPermissionIsMissing() {
    try (KubernetesClient nobody = CLUSTER.as("people", "nobody").client()) {
      DeploymentAgents agents =
          new DeploymentAgents(
              nobody, new AgentOptions("curl:1", Set.of(), OptionalLong.of(65_532), "a"));

      assertTrue(failure(agents.place(SIDECAR)).contains("delete on deployments"));
      assertTrue(failure(agents.remove(SIDECAR)).contains("delete on deployments"));
      String message =
          assertThrows(ProbeAgents.UnavailableException.class, agents::list).getMessage();
      assertNotNull(message);
      assertTrue(message.contains("delete on deployments"), message);
    }
  }

  @Test
  void saysWhyANamespaceThatIsNotThereGetsNone() {
    String reason = failure(agents().place(new Agent("nowhere", DataPlane.SIDECAR)));

    assertTrue(reason.contains("nowhere"), reason);
  }
}
