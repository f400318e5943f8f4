// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.mtlsmigration.plan.Ratchet;
import io.mtlsmigration.rollout.InstalledRatchet;
import io.mtlsmigration.rollout.PolicyWriter;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The ratchet in a real cluster: a ValidatingAdmissionPolicy and its binding, which this service
 * only reads, and their parameters, a ConfigMap in the service's own namespace, in which it sets
 * single entries to OPEN. So it needs no right to change admission policies.
 *
 * <p>A ConfigMap that may not be read is treated as empty: the dry run that precedes every weaker
 * write reveals when that is wrong. Thread-safe.
 */
public final class ClusterRatchet implements InstalledRatchet {

  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int FORBIDDEN = 403;

  private final KubernetesClient client;
  private final String namespace;

  public ClusterRatchet(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  @Override
  public String namespace() {
    return namespace;
  }

  @Override
  public State read() {
    try {
      ConfigMap entries = entries();
      if (entries == null) {
        return new State.Absent("there is no " + words());
      }
      boolean policy =
          client
                  .admissionRegistration()
                  .v1()
                  .validatingAdmissionPolicies()
                  .withName(Ratchet.NAME)
                  .get()
              != null;
      boolean binding =
          client
                  .admissionRegistration()
                  .v1()
                  .validatingAdmissionPolicyBindings()
                  .withName(Ratchet.NAME)
                  .get()
              != null;
      return new State.Present(ratchet(entries), policy && binding, missing(policy, binding));
    } catch (KubernetesClientException e) {
      return new State.Unknown("the API server does not tell: " + e.getMessage());
    }
  }

  private static String missing(boolean policy, boolean binding) {
    if (policy && binding) {
      return "";
    }
    return policy
        ? "ValidatingAdmissionPolicyBinding " + Ratchet.NAME + " is missing"
        : "ValidatingAdmissionPolicy " + Ratchet.NAME + " is missing";
  }

  @Override
  public Lift lift(String key) {
    ConfigMap entries;
    try {
      entries = entries();
    } catch (KubernetesClientException e) {
      return new Lift.Free();
    }
    if (entries == null || !ratchet(entries).holds(key)) {
      return new Lift.Free();
    }
    try {
      client
          .configMaps()
          .inNamespace(namespace)
          .withName(Ratchet.NAME)
          .patch(
              new PatchContext.Builder()
                  .withPatchType(PatchType.JSON_MERGE)
                  .withFieldManager(PolicyWriter.FIELD_MANAGER)
                  .build(),
              """
              {"metadata": {"uid": "%s", "resourceVersion": "%s"}, "data": {"%s": "%s"}}"""
                  .formatted(
                      entries.getMetadata().getUid(),
                      entries.getMetadata().getResourceVersion(),
                      key,
                      Ratchet.OPEN));
      return new Lift.Lifted();
    } catch (KubernetesClientException e) {
      return new Lift.Held(refused(key, e));
    }
  }

  private String refused(String key, KubernetesClientException e) {
    String what = words() + " holds " + key + " and could not be changed: " + e.getMessage();
    return switch (e.getCode()) {
      case CONFLICT -> what + "; it was changed meanwhile, and is asked again";
      case FORBIDDEN ->
          what + "; grant this service the verb patch on it, or set " + key + " to OPEN in it";
      default -> what;
    };
  }

  private @Nullable ConfigMap entries() {
    try {
      return client.configMaps().inNamespace(namespace).withName(Ratchet.NAME).get();
    } catch (KubernetesClientException e) {
      if (e.getCode() == NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  private static Ratchet ratchet(ConfigMap entries) {
    return Ratchet.of(Objects.requireNonNullElse(entries.getData(), Map.of()));
  }

  private String words() {
    return "ConfigMap " + namespace + "/" + Ratchet.NAME;
  }
}
