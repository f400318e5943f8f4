// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Repeated calls of a workload.
 *
 * @param from {@code namespace/workload}; each call comes from the next of its running pods
 * @param rate calls a second
 * @param start after the start of the sandbox
 * @param end null = for ever
 */
record TrafficCall(String from, To to, double rate, Duration start, @Nullable Duration end) {

  /** The target. */
  sealed interface To {}

  /**
   * The address of a pod, bypassing Services.
   *
   * @param workload {@code namespace/workload}, whose pods take turns
   * @param port container port
   */
  record Address(String workload, int port, String path) implements To {}

  /** A Service port and a path. */
  record Destination(String namespace, String service, int port, String path) implements To {
    /** Returns {@code namespace/service:port}. */
    String id() {
      return namespace + "/" + service + ":" + port;
    }
  }
}
