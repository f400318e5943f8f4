// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

/** The posture of a namespace over all ports of all its captured pods. */
public enum Posture {
  STRICT,
  PERMISSIVE,
  DISABLED,
  /** Captured ports differ, or a port bypasses its proxy, or only some pods are captured. */
  MIXED,
  /** No pod is captured: policies protect nothing here. */
  UNCAPTURED
}
