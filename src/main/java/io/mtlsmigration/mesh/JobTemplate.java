package io.mtlsmigration.mesh;

import java.util.Map;

/**
 * The template of a CronJob, or of a Job that has not finished and that no CronJob made.
 *
 * @param labels of the pods to be
 * @param annotations of the pods to be, as far as the core reads them
 */
public record JobTemplate(
    ObjectRef ref, Map<String, String> labels, Map<String, String> annotations, boolean hostNetwork)
    implements OtherObject {

  public JobTemplate {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
  }
}
