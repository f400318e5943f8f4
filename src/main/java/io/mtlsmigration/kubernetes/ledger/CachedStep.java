// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationSpec;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationStatus;
import io.mtlsmigration.kubernetes.resource.ResourceJson;
import io.mtlsmigration.kubernetes.resource.ResourceJson.MalformedException;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.WriteIntent;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A NamespaceMigration in memory: its parsed content, not the object.
 *
 * @param planUid of its plan; empty when unknown
 * @param collectable whether the garbage collector deletes it with its plan, since an earlier
 *     release made it a dependent
 * @param record null while it has no status, because its creation was interrupted
 * @param fault why it cannot be read; null when it can
 */
record CachedStep(
    String name,
    String namespace,
    String uid,
    String resourceVersion,
    String planUid,
    boolean collectable,
    StepKey key,
    long revision,
    @Nullable StepRecord record,
    List<Event> events,
    @Nullable String fault) {

  private CachedStep(
      ObjectMeta meta,
      String planUid,
      StepKey key,
      long revision,
      @Nullable StepRecord record,
      List<Event> events,
      @Nullable String fault) {
    this(
        meta.getName(),
        meta.getNamespace(),
        meta.getUid(),
        meta.getResourceVersion(),
        planUid,
        owner(meta).isPresent(),
        key,
        revision,
        record,
        events,
        fault);
  }

  static CachedStep of(GenericKubernetesResource object) {
    ObjectMeta meta = object.getMetadata();
    String planUid = planUid(meta);
    try {
      if (planUid.isEmpty()) {
        throw Values.malformed("/metadata/labels", "do not say which plan it belongs to");
      }
      NamespaceMigrationSpec spec =
          ResourceJson.read(LedgerObjects.part(object, "spec"), NamespaceMigrationSpec.class);
      String plan = Values.required(spec == null ? null : spec.plan(), "/spec/plan");
      StepKey key = new StepKey(Values.text(spec == null ? null : spec.namespace()));
      return read(object, planUid, plan, key);
    } catch (MalformedException e) {
      return new CachedStep(
          meta,
          planUid,
          keyOf(meta.getName()),
          0,
          null,
          List.of(),
          LedgerObjects.fault(
              "NamespaceMigration " + meta.getNamespace() + "/" + meta.getName(), e));
    }
  }

  private static CachedStep read(
      GenericKubernetesResource object, String planUid, String plan, StepKey key)
      throws MalformedException {
    ObjectMeta meta = object.getMetadata();
    if (!meta.getName().equals(LedgerObjects.stepName(plan, key))) {
      throw Values.malformed(
          "/metadata/name", "is not " + LedgerObjects.stepName(plan, key) + ", as its spec says");
    }
    NamespaceMigrationStatus status =
        ResourceJson.read(LedgerObjects.part(object, "status"), NamespaceMigrationStatus.class);
    if (status == null || (status.phase() == null && status.revision() == null)) {
      return new CachedStep(meta, planUid, key, 0, null, List.of(), null);
    }
    long revision = Values.required(status.revision(), "/status/revision");
    return new CachedStep(
        meta,
        planUid,
        key,
        revision,
        StepStatuses.read(plan, key, LedgerObjects.version(meta.getUid(), revision), status),
        EventEntries.read(status.events(), plan, key.toString()),
        null);
  }

  private static String planUid(ObjectMeta meta) {
    Map<String, String> labels = meta.getLabels() == null ? Map.of() : meta.getLabels();
    String labelled = labels.get(LedgerObjects.PLAN_UID_LABEL);
    if (labelled != null) {
      return labelled;
    }
    return owner(meta).map(OwnerReference::getUid).orElse("");
  }

  private static Optional<OwnerReference> owner(ObjectMeta meta) {
    return Values.list(meta.getOwnerReferences()).stream()
        .filter(owner -> owner.getKind().equals(MigrationPlan.KIND))
        .findFirst();
  }

  private static StepKey keyOf(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? StepKey.MESH : new StepKey(name.substring(dot + 1));
  }

  /** Returns, in words, what only this step knows how to undo; empty when there is nothing. */
  String undoes() {
    if (fault != null) {
      return "may know how to undo what that one wrote: " + fault;
    }
    if (record == null) {
      return "";
    }
    Stream<ObjectRef> written =
        record.ledger().stream()
            .filter(entry -> !Objects.equals(entry.before(), entry.after()))
            .map(LedgerEntry::ref);
    Stream<ObjectRef> underWay =
        record.inFlight().stream()
            .map(WriteIntent::change)
            .filter(change -> change.after() != null)
            .map(PolicyChange::ref);
    List<String> refs =
        Stream.concat(written, underWay).distinct().sorted().map(ObjectRef::toString).toList();
    return refs.isEmpty() ? "" : "knows what was there before it wrote " + Words.list(refs);
  }

  ObjectMeta meta() {
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace(namespace)
        .withUid(uid)
        .withResourceVersion(resourceVersion)
        .build();
  }
}
