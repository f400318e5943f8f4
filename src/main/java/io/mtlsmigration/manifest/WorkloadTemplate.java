package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A workload that its own pods do not come with.
 *
 * @param replicas how many pods it asks for
 * @param template its PodTemplateSpec
 */
record WorkloadTemplate(
    Manifest manifest, WorkloadRef workload, int replicas, Fields template, Instant createdAt) {

  /** More pods of one template would all be alike, and every pair of pods counts in an analysis. */
  static final int REPRESENTED = 3;

  private static final int MOST_REPLICAS = 1_000_000;

  static WorkloadTemplate read(Manifest manifest, Fields object, Instant absent) {
    ObjectRef ref = manifest.ref();
    Fields spec = object.object("spec");
    Fields jobSpec =
        ref.kind().equals("CronJob") ? spec.object("jobTemplate").object("spec") : spec;
    return new WorkloadTemplate(
        manifest,
        Ownership.workload(ref),
        replicas(ref.kind(), object, spec, jobSpec),
        jobSpec.object("template"),
        MetaReader.createdAt(object.object("metadata"), absent));
  }

  private static int replicas(String kind, Fields object, Fields spec, Fields jobSpec) {
    return switch (kind) {
      case "DaemonSet" -> 1; // one a node, and how many nodes there are is unknown
      case "CronJob" -> spec.flag("suspend") ? 0 : parallelism(jobSpec);
      case "Job" ->
          spec.flag("suspend") || object.object("status").has("completionTime")
              ? 0
              : parallelism(spec);
      default -> spec.integer("replicas", 1, 0, MOST_REPLICAS);
    };
  }

  private static int parallelism(Fields jobSpec) {
    return jobSpec.integer("parallelism", 1, 0, MOST_REPLICAS);
  }

  List<Pod> pods(Map<String, String> namespaceLabels) {
    List<Pod> pods = new ArrayList<>();
    for (int i = 0; i < Math.min(replicas, REPRESENTED); i++) {
      ObjectRef ref = new ObjectRef(Kinds.POD, workload.namespace(), workload.name() + "-" + i);
      pods.add(PodReader.fromTemplate(ref, workload, template, namespaceLabels, createdAt));
    }
    return pods;
  }
}
