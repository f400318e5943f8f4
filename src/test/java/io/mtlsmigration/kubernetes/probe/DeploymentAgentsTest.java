// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.probe.ProbeAgents;
import io.mtlsmigration.probe.ProbeAgents.Agent;
import io.mtlsmigration.probe.ProbeAgents.Answer;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Races that a real API server loses too seldom to be a test; the rest is DeploymentAgentsE2E's.
 */
@EnableKubernetesMockClient
final class DeploymentAgentsTest {

  private static final Agent SIDECAR = new Agent("foo", DataPlane.SIDECAR);
  private static final AgentOptions OPTIONS =
      new AgentOptions("curl", Set.of(), OptionalLong.of(65_532), "ours");
  private static final String PATH =
      "/apis/apps/v1/namespaces/foo/deployments/"
          + new Agent("foo", DataPlane.SIDECAR).deployment();

  private KubernetesMockServer server;
  private KubernetesClient client;

  /** Whoever may create Deployments may give as many as they like our labels, and any content. */
  @Test
  void asksForAgentsByTheirNamesAndPageByPage() throws InterruptedException {
    DeploymentAgents agents = new DeploymentAgents(client, OPTIONS);

    assertThrows(ProbeAgents.UnavailableException.class, agents::list); // the server knows nothing

    String asked = server.takeRequest().getPath();
    assertTrue(asked.contains("fieldSelector=metadata.name%3Dmtls-migration-probe"), asked);
    assertTrue(asked.contains("app.kubernetes.io%2Finstance%3Dours"), asked);
    assertTrue(asked.contains("limit=20"), asked);
  }

  @Test
  void removesADeploymentWhoseStatusChangesMeanwhile() {
    finds(ours("1"), ours("2"));
    conflict();
    server.expect().delete().withPath(PATH).andReturn(200, new StatusBuilder().build()).once();

    Answer answer = new DeploymentAgents(client, OPTIONS).remove(SIDECAR);

    assertEquals(new Answer.Done(), answer);
    assertEquals(2, deletions());
  }

  @Test
  void leavesWhatSomebodyElseHasPutInItsPlaceMeanwhile() {
    Deployment theirs =
        new DeploymentBuilder(ours("2"))
            .editMetadata()
            .withUid("another")
            .withLabels(Map.of())
            .endMetadata()
            .build();
    finds(ours("1"), theirs);
    conflict();

    Answer answer = new DeploymentAgents(client, OPTIONS).remove(SIDECAR);

    assertEquals(new Answer.Done(), answer);
    assertEquals(1, deletions());
  }

  /** OpenShift refuses a pod that names its user. */
  @Test
  void leavesTheUserToAClusterThatChoosesIt() {
    Deployment ours = ours("1");
    Deployment free =
        new AgentManifests(new AgentOptions("curl", Set.of(), OptionalLong.empty(), "ours"))
            .deployment(SIDECAR);
    PodSecurityContext context = free.getSpec().getTemplate().getSpec().getSecurityContext();

    assertNull(context.getRunAsUser());
    assertNull(context.getRunAsGroup());
    assertTrue(context.getRunAsNonRoot());
    assertFalse(AgentManifests.same(ours, free), "an agent of before is not replaced");
  }

  private void finds(Deployment first, Deployment then) {
    server.expect().get().withPath(PATH).andReturn(200, first).once();
    server.expect().get().withPath(PATH).andReturn(200, then).always();
  }

  private void conflict() {
    server
        .expect()
        .delete()
        .withPath(PATH)
        .andReturn(409, new StatusBuilder().withCode(409).withReason("Conflict").build())
        .once();
  }

  private int deletions() {
    int deletions = 0;
    for (int left = server.getRequestCount(); left > 0; left--) {
      try {
        deletions += server.takeRequest().getMethod().equals("DELETE") ? 1 : 0;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return deletions;
  }

  private static Deployment ours(String version) {
    return new DeploymentBuilder(new AgentManifests(OPTIONS).deployment(SIDECAR))
        .editMetadata()
        .withUid("this")
        .withResourceVersion(version)
        .endMetadata()
        .build();
  }
}
