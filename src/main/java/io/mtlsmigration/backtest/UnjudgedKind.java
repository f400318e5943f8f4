// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

/** The kinds of what a backtest does not judge; their names are stable. */
public enum UnjudgedKind {
  /** Gates of which history tells nothing. */
  GATES,
  /** Whether a lock would have been verified. */
  VERIFICATION,
  /** Namespaces of the plan that were not asked about. */
  NAMESPACES_LEFT_OUT,
  /** The mesh-wide policy at the end of the plan. */
  MESH_STEP,
  /** Ports of calls, and so exceptions for single ports. */
  PORTS,
  /** What the mesh and the plan were like then. */
  AS_OF_NOW,
  /** Refused calls of a time in which a server was STRICT. */
  EARLIER_STRICT,
  /** Which plaintext was the service's own. */
  OWN_PROBES,
  /** Anything finer than an hour. */
  RESOLUTION
}
