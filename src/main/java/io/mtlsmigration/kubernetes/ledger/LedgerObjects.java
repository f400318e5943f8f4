// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.mtlsmigration.contract.MigrationPlanSpec;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.kubernetes.resource.NamespaceMigration;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationSpec;
import io.mtlsmigration.kubernetes.resource.ResourceJson;
import io.mtlsmigration.kubernetes.resource.ResourceJson.MalformedException;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The objects of the ledger, their names and labels. */
final class LedgerObjects {

  /** The label that tells a plan's steps from those of an earlier plan of the same name. */
  static final String PLAN_UID_LABEL = MigrationPlan.GROUP + "/plan-uid";

  private LedgerObjects() {}

  /**
   * Returns {@code plan.namespace}, or {@code plan} alone for the mesh step: at most 127
   * characters, and unique, since neither part may contain a dot.
   */
  static String stepName(String plan, StepKey key) {
    return key.isMesh() ? plan : plan + "." + key.namespace();
  }

  static GenericKubernetesResource plan(String name, MigrationPlanSpec spec) {
    return object(
        MigrationPlan.KIND,
        new ObjectMetaBuilder().withName(name).withFinalizers(MigrationPlan.FINALIZER).build(),
        "spec",
        ResourceJson.tree(spec));
  }

  /**
   * Returns a step, which no ownerReference makes its plan's: a deletion in the foreground, which
   * is how some tools prune, has the garbage collector delete all dependents at once, though a
   * finalizer holds their owner, and with them what is needed to undo the plan.
   */
  static GenericKubernetesResource step(String namespace, PlanRecord plan, StepKey key) {
    return object(
        NamespaceMigration.KIND,
        new ObjectMetaBuilder()
            .withName(stepName(plan.name(), key))
            .withNamespace(namespace)
            .withLabels(
                Map.of(NamespaceMigration.PLAN_LABEL, plan.name(), PLAN_UID_LABEL, plan.uid()))
            .build(),
        "spec",
        ResourceJson.tree(
            new NamespaceMigrationSpec(plan.name(), key.isMesh() ? null : key.namespace())));
  }

  /** Returns {@code spec} or {@code status} of an object as a tree; null when it has none. */
  static @Nullable Object part(GenericKubernetesResource object, String name) {
    return object.getAdditionalProperties().get(name);
  }

  /** Returns the object to send with a status update: the API server ignores everything else. */
  static GenericKubernetesResource withStatus(
      String kind, ObjectMeta of, String resourceVersion, Object status) {
    return object(
        kind,
        new ObjectMetaBuilder()
            .withName(of.getName())
            .withNamespace(of.getNamespace())
            .withResourceVersion(resourceVersion)
            .build(),
        "status",
        ResourceJson.tree(status));
  }

  /**
   * Returns an object of a kind of ours.
   *
   * @param part {@code spec} or {@code status}
   */
  static GenericKubernetesResource object(
      String kind, ObjectMeta meta, String part, @Nullable Object tree) {
    GenericKubernetesResource object = new GenericKubernetesResource();
    object.setApiVersion(MigrationPlan.API_VERSION);
    object.setKind(kind);
    object.setMetadata(meta);
    object.setAdditionalProperty(part, tree);
    return object;
  }

  /** Returns why an object of the ledger is of no use. */
  static String fault(String object, MalformedException e) {
    return "%s cannot be read: %s; put back what was there before it was edited"
        .formatted(object, e.getMessage());
  }

  /**
   * Returns whether one resourceVersion is older than another. They are opaque by contract and
   * numbers in fact (made part of the contract by KEP-5504). Where they are not numbers, the
   * incoming one counts as newer, and the API server refuses a save based on too old a state.
   */
  static boolean older(@Nullable String incoming, @Nullable String held) {
    try {
      return incoming != null
          && held != null
          && Long.parseUnsignedLong(incoming) < Long.parseUnsignedLong(held);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /**
   * Returns a version that is unique to a state of a record; another object of the same name starts
   * a new count.
   */
  static String version(String uid, long revision) {
    return revision + "-" + uid.substring(Math.max(0, uid.length() - 8));
  }
}
