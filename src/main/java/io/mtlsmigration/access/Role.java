// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Bundles of verbs, for authorization without RBAC. Editing and approving are two roles; a person
 * who is to do both needs both.
 */
public enum Role {
  VIEWER,
  /** Creates plans and operates them. */
  OPERATOR,
  /** Approves, and accepts risks; may hold and undo, but start nothing. */
  APPROVER,
  ADMIN;

  /** Returns a mutable copy of the verbs. */
  public Set<Verb> verbs() {
    return switch (this) {
      case VIEWER -> EnumSet.of(Verb.LIST, Verb.GET);
      case OPERATOR ->
          EnumSet.of(
              Verb.LIST,
              Verb.GET,
              Verb.CREATE,
              Verb.UPDATE,
              Verb.DELETE,
              Verb.START,
              Verb.PAUSE,
              Verb.RESUME,
              Verb.ABORT,
              Verb.ROLLBACK,
              Verb.CLEANUP,
              Verb.RETRY,
              Verb.SKIP,
              Verb.PROBE,
              Verb.CAPTURE);
      case APPROVER ->
          EnumSet.of(
              Verb.LIST,
              Verb.GET,
              Verb.APPROVE,
              Verb.OVERRIDE,
              Verb.EXEMPT,
              Verb.PAUSE,
              Verb.ROLLBACK,
              Verb.AUDIT);
      case ADMIN -> EnumSet.allOf(Verb.class);
    };
  }

  public boolean includes(Verb verb) {
    return verbs().contains(verb);
  }

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
