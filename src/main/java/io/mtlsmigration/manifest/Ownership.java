// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the workload of a pod. An unknown controller is inferred from generated names, by the rules
 * of Istio's {@code GetWorkloadMetaFromPod} (pkg/kube/util.go).
 */
final class Ownership {

  /** The name of a CronJob's Job, to which its controller appends the minutes since 1970. */
  private static final Pattern CRON_JOB_RUN = Pattern.compile("(.+)-\\d{8,10}");

  private Ownership() {}

  /** Returns the owner that {@code metadata.ownerReferences} marks as the controller. */
  static Optional<ObjectRef> controller(String namespace, ManifestFields metadata) {
    return reference(metadata).map(owner -> ref(namespace, owner));
  }

  private static Optional<ManifestFields> reference(ManifestFields metadata) {
    return metadata.objects("ownerReferences").stream()
        .filter(owner -> owner.flag("controller"))
        .findFirst();
  }

  private static ObjectRef ref(String namespace, ManifestFields owner) {
    return new ObjectRef(owner.required("kind"), namespace, owner.required("name"));
  }

  /**
   * Returns the controller of a pod, itself without one. istiod asks for the controller only of
   * pods with a {@code generateName}, which Kubernetes' own controllers all set: a pod of another
   * one that names it itself (a database's operator, a pipeline) is its own workload in metrics.
   */
  static ObjectRef ofPod(ObjectRef pod, ManifestFields metadata) {
    return reference(metadata)
        .filter(owner -> generatesNames(owner) || !metadata.text("generateName", "").isEmpty())
        .map(owner -> ref(pod.namespace(), owner))
        .orElse(pod);
  }

  /** Returns whether it is one of Kubernetes' own, not of another group with the same kind. */
  private static boolean generatesNames(ManifestFields owner) {
    String kind = owner.text("kind", "");
    String apiVersion = owner.text("apiVersion", "");
    return Kinds.WORKLOADS.contains(kind)
        && (Kinds.group(apiVersion).isEmpty() || Kinds.known(apiVersion, kind));
  }

  /** Returns the top-level workload, given the pod's controller, or the pod itself without one. */
  static WorkloadRef top(WorkloadRef direct, Map<String, String> podLabels, WorkloadOwners owners) {
    ObjectRef controller = direct.ref();
    return owners
        .ownerOf(controller)
        .or(() -> byName(controller, podLabels))
        .map(WorkloadRef::of)
        .orElse(direct);
  }

  private static Optional<ObjectRef> byName(ObjectRef controller, Map<String, String> podLabels) {
    return switch (controller.kind()) {
      case "ReplicaSet" ->
          withoutHash(controller, "Deployment", podLabels.get("pod-template-hash"))
              .or(
                  () ->
                      withoutHash(
                          controller, "Rollout", podLabels.get("rollouts-pod-template-hash")));
      case "ReplicationController" ->
          Optional.ofNullable(podLabels.get("deploymentconfig"))
              .map(name -> named(controller, "DeploymentConfig", name));
      case "Job" -> {
        Matcher run = CRON_JOB_RUN.matcher(controller.name());
        yield run.matches()
            ? Optional.of(named(controller, "CronJob", run.group(1)))
            : Optional.empty();
      }
      default -> Optional.empty();
    };
  }

  private static Optional<ObjectRef> withoutHash(
      ObjectRef replicaSet, String kind, @Nullable String hash) {
    String name = replicaSet.name();
    if (hash == null || hash.isEmpty() || !name.endsWith("-" + hash)) {
      return Optional.empty();
    }
    String owner = name.substring(0, name.length() - hash.length() - 1);
    return owner.isEmpty() ? Optional.empty() : Optional.of(named(replicaSet, kind, owner));
  }

  private static ObjectRef named(ObjectRef controller, String kind, String name) {
    return new ObjectRef(kind, controller.namespace(), name);
  }
}
