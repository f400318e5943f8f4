// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request for a wire check.
 *
 * @param workload null when {@code pod} is named; else one of its pods is chosen
 * @param pod null when {@code workload} is named
 * @param port a container port; null = all that are declared or that Services lead to
 */
public record WireRequest(
    String namespace,
    @Nullable String workload,
    @Nullable String pod,
    @Nullable Integer port,
    Duration duration,
    int packets) {

  public static final Duration DEFAULT_DURATION = Duration.ofSeconds(10);
  public static final Duration LONGEST = Duration.ofSeconds(60);
  public static final Duration SHORTEST = Duration.ofSeconds(1);
  public static final int DEFAULT_PACKETS = 1_000;
  public static final int MOST_PACKETS = 10_000;

  public WireRequest {
    if ((workload == null) == (pod == null)) {
      throw new IllegalArgumentException("either a workload or a pod");
    }
    if (duration.compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("duration out of bounds: " + duration);
    }
    if (packets < 1 || packets > MOST_PACKETS) {
      throw new IllegalArgumentException("packets out of bounds: " + packets);
    }
  }
}
