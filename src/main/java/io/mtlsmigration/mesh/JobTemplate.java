// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The template of a CronJob, or of an unfinished Job without a CronJob.
 *
 * @param labels labels of future pods
 * @param annotations annotations of future pods, as far as the core reads them
 * @param injected whether it was written with a sidecar ({@code istioctl kube-inject})
 * @param runs null for a Job, and for a suspended CronJob
 */
public record JobTemplate(
    ObjectRef ref,
    Map<String, String> labels,
    Map<String, String> annotations,
    boolean hostNetwork,
    boolean injected,
    @Nullable CronRuns runs)
    implements OtherObject {

  /** Longer than any window: nobody knows how seldom the job runs. */
  public static final Duration UNKNOWN_PERIOD = ChronoUnit.FOREVER.getDuration();

  public JobTemplate {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
  }

  /**
   * Returns true when its pods will have a proxy. What they send then is mutual TLS, unless a
   * DestinationRule or an annotation about their outbound calls says otherwise.
   */
  public boolean captured(Map<String, String> namespaceLabels) {
    return dataPlane(namespaceLabels).captured();
  }

  private DataPlane dataPlane(Map<String, String> namespaceLabels) {
    return injected && !hostNetwork
        ? DataPlane.SIDECAR
        : Injection.dataPlane(ref.namespace(), namespaceLabels, labels, annotations, hostNetwork);
  }

  /** Returns a pod of it as a client: without an address, a node or ports. */
  public Pod client(Map<String, String> namespaceLabels) {
    return new Pod(
        ref,
        "",
        WorkloadRef.of(ref),
        labels,
        annotations,
        dataPlane(namespaceLabels),
        InboundCapture.EVERYTHING,
        hostNetwork,
        List.of(),
        Lifecycle.PLAIN,
        "",
        List.of(),
        "",
        "default",
        true,
        false,
        0,
        false,
        Instant.EPOCH);
  }
}
