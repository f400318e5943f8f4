package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Pod;
import java.time.Duration;

/**
 * Something that goes wrong for a while.
 *
 * @param target what it strikes: a namespace, {@code namespace/pod} or {@code namespace/workload};
 *     empty = everything
 * @param lasts from when it begins
 */
record Fault(Kind kind, String target, Duration lasts) {

  /** What can go wrong. */
  enum Kind {
    /** The API server does not answer: no write, no exec, and facts grow old. */
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

    /** True when it may strike a part of the mesh only. */
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
