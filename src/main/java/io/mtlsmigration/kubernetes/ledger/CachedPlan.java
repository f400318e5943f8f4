// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.mtlsmigration.contract.PlanReading;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus;
import io.mtlsmigration.kubernetes.resource.ResourceJson;
import io.mtlsmigration.kubernetes.resource.ResourceJson.MalformedException;
import io.mtlsmigration.rollout.PlanRecord;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A MigrationPlan in memory.
 *
 * @param object as the API server sent it; never changed
 * @param reading the parsed spec, whether it is in force or not
 * @param record null until the plan has been taken
 * @param fault why its status cannot be read; null when it can
 */
record CachedPlan(
    GenericKubernetesResource object,
    PlanReading reading,
    long revision,
    @Nullable PlanRecord record,
    PlanStatusSummary notes,
    @Nullable String fault) {

  static CachedPlan of(GenericKubernetesResource object) {
    ObjectMeta meta = object.getMetadata();
    PlanReading reading = PlanReading.ofTree(meta.getName(), LedgerObjects.part(object, "spec"));
    try {
      MigrationPlanStatus status =
          ResourceJson.read(LedgerObjects.part(object, "status"), MigrationPlanStatus.class);
      PlanStatusSummary notes = PlanStatusSummary.of(status);
      if (status == null || (status.phase() == null && status.revision() == null)) {
        return new CachedPlan(object, reading, 0, null, notes, null);
      }
      long revision = Values.required(status.revision(), "/status/revision");
      PlanRecord record =
          PlanStatuses.read(
              meta.getName(),
              meta.getUid(),
              LedgerObjects.version(meta.getUid(), revision),
              status);
      return new CachedPlan(object, reading, revision, record, notes, null);
    } catch (MalformedException e) {
      String fault = LedgerObjects.fault("MigrationPlan " + meta.getName(), e);
      return new CachedPlan(object, reading, 0, null, PlanStatusSummary.NONE, fault);
    }
  }

  String name() {
    return object.getMetadata().getName();
  }

  String uid() {
    return object.getMetadata().getUid();
  }

  String resourceVersion() {
    return object.getMetadata().getResourceVersion();
  }

  long generation() {
    Long generation = object.getMetadata().getGeneration();
    return generation == null ? 0 : generation;
  }

  String version() {
    return LedgerObjects.version(uid(), revision);
  }

  /** Returns the size of what stands beside its status, as JSON in bytes. */
  long sizeWithoutStatus() {
    Object spec = LedgerObjects.part(object, "spec");
    long size = ResourceJson.size(object.getMetadata());
    return spec == null ? size : size + ResourceJson.size(spec);
  }

  /** Returns whether its deletion was requested. */
  boolean unwanted() {
    return object.getMetadata().getDeletionTimestamp() != null;
  }

  boolean taken() {
    return record != null;
  }

  /** Returns whether it has been taken and is not being deleted. */
  boolean active() {
    return record != null && !notes.deleting();
  }

  /** Returns whether the spec was changed and the change has not been judged yet. */
  boolean pending() {
    Long observed = notes.observedGeneration();
    return observed == null || observed != generation();
  }

  /** Returns whether somebody has asked for something that has been neither taken nor refused. */
  boolean unanswered() {
    Map<String, String> annotations = Values.map(object.getMetadata().getAnnotations());
    return pending()
        || (unwanted() && !notes.says(Conditions.DELETABLE))
        || annotations.containsKey(MigrationPlan.ACTION_ANNOTATION);
  }
}
