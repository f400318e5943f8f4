package io.mtlsmigration.wire;

/** Why nothing could be captured; stable. */
public enum WireFailureCode {
  /** The pod has no proxy container to run tcpdump in. */
  NO_PROXY,
  /** The container has no tcpdump, as Istio's distroless image has none. */
  NO_TCPDUMP,
  /** tcpdump may not listen: the proxy is not privileged. */
  NOT_PRIVILEGED,
  /** Kubernetes does not let this service run commands there. */
  FORBIDDEN,
  /** The pod has gone, or does not run. */
  POD_GONE,
  /** The API server, the kubelet or the container did not do what was asked. */
  UNREACHABLE,
  /** tcpdump ended with an error, or what it wrote cannot be read. */
  CAPTURE_FAILED,
  /** It did not end in time. */
  TIMED_OUT
}
