// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.probe.ProbeAgents;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Agents as Deployments of one pod. A Deployment with the name but not the labels of this
 * installation belongs to somebody else and is left alone.
 *
 * <p>Needs {@code get}, {@code list}, {@code create}, {@code update} and {@code delete} on {@code
 * deployments} (apps), in the namespaces of the options or everywhere.
 */
public final class DeploymentAgents implements ProbeAgents {

  private static final int CONFLICT = 409;
  private static final int DELETIONS = 5;
  private static final int FORBIDDEN = 403;

  /** The Deployments of one answer: each may be as large as an object, and is read as a whole. */
  private static final long PAGE = 20;

  /** The names that agents have, so that a namespace can have no more of them. */
  private static final Set<String> NAMES =
      Stream.of(DataPlane.SIDECAR, DataPlane.AMBIENT, DataPlane.NONE)
          .map(plane -> new Agent("", plane).deployment())
          .collect(Collectors.toUnmodifiableSet());

  private final KubernetesClient client;
  private final AgentOptions options;
  private final AgentManifests manifests;

  public DeploymentAgents(KubernetesClient client, AgentOptions options) {
    this.client = client;
    this.options = options;
    this.manifests = new AgentManifests(options);
  }

  @Override
  public List<Agent> list() {
    try {
      Set<Agent> found = new TreeSet<>();
      for (String name : NAMES) {
        if (options.namespaces().isEmpty()) {
          add(found, client.apps().deployments().inAnyNamespace(), name);
        } else {
          for (String namespace : options.namespaces()) {
            add(found, client.apps().deployments().inNamespace(namespace), name);
          }
        }
      }
      return List.copyOf(found);
    } catch (KubernetesClientException e) {
      throw new UnavailableException("agents cannot be listed: " + reason(e), e);
    }
  }

  /** Adds the agents of a name, page by page: anybody may give a Deployment our labels. */
  private void add(
      Set<Agent> found,
      FilterWatchListDeletable<Deployment, DeploymentList, RollableScalableResource<Deployment>>
          deployments,
      String name) {
    var ours = deployments.withLabels(manifests.ownerLabels()).withField("metadata.name", name);
    @Nullable String next = null;
    do {
      DeploymentList page =
          ours.list(new ListOptionsBuilder().withLimit(PAGE).withContinue(next).build());
      page.getItems().stream()
          .map(AgentManifests::agent)
          .filter(Objects::nonNull)
          .forEach(found::add);
      next = page.getMetadata() == null ? null : page.getMetadata().getContinue();
    } while (next != null && !next.isEmpty());
  }

  @Override
  public Answer place(Agent agent) {
    Deployment wanted = manifests.deployment(agent);
    try {
      var deployments = client.apps().deployments().inNamespace(agent.namespace());
      var named = deployments.withName(agent.deployment());
      Deployment found = named.get();
      if (found == null) {
        deployments.resource(wanted).create();
        return new Answer.Done();
      }
      if (!manifests.isOurs(found)) {
        return foreign(agent);
      }
      if (!found.getSpec().getSelector().equals(wanted.getSpec().getSelector())) {
        // Its data plane differs, and a selector cannot be changed.
        delete(found, named);
        deployments.resource(wanted).create();
      } else if (!AgentManifests.same(found, wanted)) {
        wanted.getMetadata().setResourceVersion(found.getMetadata().getResourceVersion());
        deployments.resource(wanted).update();
      }
      return new Answer.Done();
    } catch (KubernetesClientException e) {
      return new Answer.Failed(
          e.getCode() == CONFLICT
              ? "the Deployment was changed at the same time; it is looked at again"
              : reason(e));
    }
  }

  private static Answer foreign(Agent agent) {
    return new Answer.Failed(
        "Deployment %s/%s exists and is not ours".formatted(agent.namespace(), agent.deployment()));
  }

  @Override
  public Answer remove(Agent agent) {
    try {
      var named =
          client.apps().deployments().inNamespace(agent.namespace()).withName(agent.deployment());
      Deployment found = named.get();
      if (found != null && manifests.isOurs(found)) {
        delete(found, named);
      }
      return new Answer.Done();
    } catch (KubernetesClientException e) {
      return new Answer.Failed(reason(e));
    }
  }

  /**
   * Deletes the Deployment, but not one that somebody else has put in its place. Its status changes
   * constantly while its pod starts, so a conflict alone does not stop the deletion.
   */
  private void delete(Deployment found, Resource<Deployment> named) {
    Deployment last = found;
    for (int left = DELETIONS; ; left--) {
      try {
        client.resource(last).lockResourceVersion().delete();
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() != CONFLICT || left == 1) {
          throw e;
        }
        last = named.get();
        if (last == null
            || !last.getMetadata().getUid().equals(found.getMetadata().getUid())
            || !manifests.isOurs(last)) {
          return;
        }
      }
    }
  }

  private static String reason(KubernetesClientException e) {
    return e.getCode() == FORBIDDEN
        ? "not allowed: grant get, list, create, update and delete on deployments (apps)"
        : String.valueOf(e.getMessage());
  }
}
