// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

/** The reason why nothing could be captured; stable. */
public enum WireFailureCode {
  /** The pod has no proxy container to run tcpdump in. */
  NO_PROXY,
  /** The container has no tcpdump, as Istio's distroless image has none. */
  NO_TCPDUMP,
  /** tcpdump may not capture: the proxy is not privileged. */
  NOT_PRIVILEGED,
  /** Kubernetes does not let this service run commands there. */
  FORBIDDEN,
  /** The pod is gone, or does not run. */
  POD_GONE,
  /** The API server, the kubelet or the container did not carry out the request. */
  UNREACHABLE,
  /** tcpdump ended with an error, or its output cannot be read. */
  CAPTURE_FAILED,
  /** The capture did not end in time. */
  TIMED_OUT
}
