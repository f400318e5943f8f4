// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

/** The kinds of limits; their names are stable. */
public enum LimitKind {
  /** The history begins later than it was asked for. */
  HISTORY_SHORT,
  /** Hours in which nobody watched. */
  HOLES,
  /** No client sent plaintext: there is no period to go by. */
  NOBODY_SEEN,
  /** Clients that called in one hour alone. */
  SEEN_ONCE,
  /** Clients that nobody can tell apart. */
  UNKNOWN_CLIENTS,
  /** Clients that were too many to be told apart. */
  OTHERS,
  /** Calls from a time that nobody watched. */
  UNDATED_CALLS,
  /** Refused clients count as silent. */
  STRICT,
  /** Times are known to the hour. */
  RESOLUTION
}
