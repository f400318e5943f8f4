// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The template of a CronJob, or of an unfinished Job without a CronJob.
 *
 * @param labels labels of future pods
 * @param annotations annotations of future pods, as far as the core reads them
 * @param period the longest time between two runs, {@link #UNKNOWN_PERIOD} for a schedule that
 *     cannot be parsed; null for a Job, and for a suspended CronJob
 */
public record JobTemplate(
    ObjectRef ref,
    Map<String, String> labels,
    Map<String, String> annotations,
    boolean hostNetwork,
    @Nullable Duration period)
    implements OtherObject {

  /** Longer than any window: nobody knows how seldom the job runs. */
  public static final Duration UNKNOWN_PERIOD = ChronoUnit.FOREVER.getDuration();

  public JobTemplate {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
  }

  /** Returns true when its pods will have a proxy, and send mutual TLS to servers with one. */
  public boolean captured(Map<String, String> namespaceLabels) {
    return Injection.happens(ref.namespace(), namespaceLabels, labels, annotations, hostNetwork)
        || (!hostNetwork && Injection.ambient(namespaceLabels, labels));
  }
}
