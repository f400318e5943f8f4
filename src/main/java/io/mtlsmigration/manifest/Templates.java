// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

/** The treatment of a Deployment, Job or the like without a pod in the set. */
public enum Templates {
  /** Ignored: in a running cluster no pod means no pod. */
  IGNORED,
  /**
   * Represented by the pods that it would have, with the sidecar that Istio's webhook would inject:
   * for folders of manifests, which never contain pods.
   */
  AS_PODS,
  /** The same, and so is a Pod that no cluster has accepted: for what is yet to be applied. */
  AS_PODS_AND_PODS
}
