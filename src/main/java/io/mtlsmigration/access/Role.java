package io.mtlsmigration.access;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Bundles of verbs, for those who have no RBAC. Who edits and who consents are two roles; whoever
 * is to do both needs both.
 */
public enum Role {
  VIEWER,
  /** Makes plans and carries them on. */
  OPERATOR,
  /** Consents, and takes risks upon itself; may hold and undo, but begin nothing. */
  APPROVER,
  ADMIN;

  /** A set of the caller's own. */
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
