// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

/** Decides on the permissions of callers. */
public interface Authorizer {

  /** May block, unless {@link #answersAtOnce}. */
  Decision decide(Identity who, Permission what);

  /** Returns true when no other service has to be asked, so that no thread of its own is needed. */
  default boolean answersAtOnce() {
    return false;
  }

  /** The decision on a call. Only {@link Allowed} lets it proceed. */
  sealed interface Decision {}

  /** The call is allowed. */
  record Allowed() implements Decision {}

  /**
   * The call is not allowed.
   *
   * @param remedy the permission that would have to be granted, in words for people
   */
  record Denied(String remedy) implements Decision {}

  /**
   * The decision could not be made.
   *
   * @param reason fit to be shown to the caller
   */
  record Unavailable(String reason) implements Decision {}
}
