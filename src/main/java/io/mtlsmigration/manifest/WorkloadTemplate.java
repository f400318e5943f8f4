// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A workload without pods of its own in the set.
 *
 * @param replicas its number of pods
 * @param template its PodTemplateSpec
 */
record WorkloadTemplate(
    Manifest manifest,
    WorkloadRef workload,
    int replicas,
    ManifestFields template,
    Instant createdAt) {

  /**
   * The maximum number of pods per template: further ones would be equal, and every pair of pods
   * costs time in an analysis.
   */
  static final int REPRESENTED = 3;

  private static final int MOST_REPLICAS = 1_000_000;

  static WorkloadTemplate read(Manifest manifest, ManifestFields object, Instant absent) {
    ObjectRef ref = manifest.ref();
    ManifestFields spec = object.object("spec");
    ManifestFields jobSpec =
        ref.kind().equals("CronJob") ? spec.object("jobTemplate").object("spec") : spec;
    return new WorkloadTemplate(
        manifest,
        WorkloadRef.of(ref),
        replicas(ref.kind(), object, spec, jobSpec),
        jobSpec.object("template"),
        MetaReader.createdAt(object.object("metadata"), absent));
  }

  private static int replicas(
      String kind, ManifestFields object, ManifestFields spec, ManifestFields jobSpec) {
    return switch (kind) {
      case "DaemonSet" -> 1; // one per node, and the number of nodes is unknown
      case "CronJob" -> spec.flag("suspend") ? 0 : parallelism(jobSpec);
      case "Job" ->
          spec.flag("suspend") || object.object("status").has("completionTime")
              ? 0
              : parallelism(spec);
      case "Rollout" -> spec.has("template") ? replicas(spec) : 0; // else a Deployment has it
      default -> replicas(spec);
    };
  }

  private static int replicas(ManifestFields spec) {
    return spec.integer("replicas", 1, 0, MOST_REPLICAS);
  }

  private static int parallelism(ManifestFields jobSpec) {
    return jobSpec.integer("parallelism", 1, 0, MOST_REPLICAS);
  }

  /**
   * Returns the pods that represent the workload.
   *
   * @param taken names of existing pods; those of the new ones are added
   */
  List<Pod> pods(Map<String, String> namespaceLabels, Set<ObjectRef> taken) {
    List<Pod> pods = new ArrayList<>();
    for (int i = 0; i < Math.min(replicas, REPRESENTED); i++) {
      ObjectRef ref = podRef(workload.name() + "-" + i);
      if (!taken.add(ref)) { // for instance a Job with the Deployment's name
        ref = podRef(workload.name() + "-" + workload.kind().toLowerCase(Locale.ROOT) + "-" + i);
        taken.add(ref);
      }
      pods.add(PodReader.fromTemplate(ref, workload, template, namespaceLabels, createdAt));
    }
    return pods;
  }

  private ObjectRef podRef(String name) {
    return new ObjectRef(Kinds.POD, workload.namespace(), name);
  }
}
