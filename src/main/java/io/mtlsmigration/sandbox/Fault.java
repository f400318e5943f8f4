// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Pod;
import java.time.Duration;

/**
 * A temporary fault.
 *
 * @param target a namespace, {@code namespace/pod} or {@code namespace/workload}; empty =
 *     everything
 * @param lasts from its begin
 */
record Fault(Kind kind, String target, Duration lasts) {

  /** The kinds of faults. */
  enum Kind {
    /** The API server does not answer: writes and execs fail, and facts age. */
    API_DOWN(false),
    /** The source of traffic evidence does not answer. */
    EVIDENCE_DOWN(true),
    /** Proxies keep the configuration that they have. */
    PROXY_STALE(true),
    /** A command in a client pod never ends. */
    EXEC_HANGS(true);

    private final boolean targeted;

    Kind(boolean targeted) {
      this.targeted = targeted;
    }

    /** Returns whether it may affect a part of the mesh only. */
    boolean targeted() {
      return targeted;
    }
  }

  boolean strikes(String namespace) {
    return target.isEmpty() || target.equals(namespace);
  }

  boolean strikes(Pod pod) {
    return strikes(pod.namespace())
        || target.equals(pod.workload().id())
        || target.equals(pod.namespace() + "/" + pod.name());
  }
}
