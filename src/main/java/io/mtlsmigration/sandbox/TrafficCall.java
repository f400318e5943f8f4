package io.mtlsmigration.sandbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Calls that a workload makes again and again.
 *
 * @param from {@code namespace/workload}; each call comes from the next of its running pods
 * @param rate calls a second
 * @param start after the start of the sandbox
 * @param end null = for ever
 */
record TrafficCall(String from, To to, double rate, Duration start, @Nullable Duration end) {

  /** Where it goes. */
  sealed interface To {}

  /**
   * The address of a pod, past all Services.
   *
   * @param workload {@code namespace/workload}, whose pods take turns
   * @param port container port
   */
  record Address(String workload, int port, String path) implements To {}

  /** A Service port and the path that is asked for. */
  record Destination(String namespace, String service, int port, String path) implements To {
    /** {@code namespace/service:port}. */
    String id() {
      return namespace + "/" + service + ":" + port;
    }
  }
}
