package io.mtlsmigration.access;

/** Knows what callers may do. */
public interface Authorizer {

  /** May block, unless {@link #answersAtOnce}. */
  Decision decide(Identity who, Permission what);

  /** True when nobody else has to be asked, so that the answer needs no thread of its own. */
  default boolean answersAtOnce() {
    return false;
  }

  /** Whether a call may go ahead. Only {@link Allowed} lets it. */
  sealed interface Decision {}

  /** It may. */
  record Allowed() implements Decision {}

  /**
   * It may not.
   *
   * @param remedy what would have to be granted, in words for people
   */
  record Denied(String remedy) implements Decision {}

  /**
   * Nobody could say.
   *
   * @param reason fit to be shown to the caller
   */
  record Unavailable(String reason) implements Decision {}
}
