// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A ConfigMap of the service's own namespace in which it keeps something for later processes. */
final class OwnConfigMap {

  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final KubernetesClient client;
  private final String namespace;
  private final String name;

  OwnConfigMap(KubernetesClient client, String namespace, String name) {
    this.client = ResourceApi.brief(client);
    this.namespace = namespace;
    this.name = name;
  }

  /** As it is stored; null when there is none. */
  @Nullable ConfigMap read() {
    try {
      return client.configMaps().inNamespace(namespace).withName(name).get();
    } catch (KubernetesClientException e) {
      throw unavailable("read", e);
    }
  }

  static Map<String, String> data(@Nullable ConfigMap held) {
    Map<String, String> data = held == null ? null : held.getData();
    return data == null ? Map.of() : data;
  }

  /**
   * Replaces what was read.
   *
   * @return empty when somebody else was first
   */
  Optional<ConfigMap> write(@Nullable ConfigMap held, Map<String, String> data) {
    ConfigMapBuilder next =
        held == null
            ? new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
            : new ConfigMapBuilder(held);
    Resource<ConfigMap> call =
        client.configMaps().inNamespace(namespace).resource(next.withData(data).build());
    try {
      return Optional.of(held == null ? call.create() : call.update());
    } catch (KubernetesClientException e) {
      if (e.getCode() == CONFLICT || e.getCode() == NOT_FOUND) {
        return Optional.empty();
      }
      throw unavailable("write", e);
    }
  }

  /** {@code ConfigMap namespace/name}. */
  @Override
  public String toString() {
    return "ConfigMap " + namespace + "/" + name;
  }

  private UnavailableException unavailable(String verb, KubernetesClientException e) {
    String advice =
        e.getCode() == FORBIDDEN ? "; the service may not: give it the shipped roles" : "";
    return new UnavailableException("cannot " + verb + " " + this + advice, e);
  }
}
