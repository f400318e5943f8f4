package io.mtlsmigration.access;

/** Knows whom a bearer token stands for. May block. */
public interface TokenVerifier {

  Verdict verify(String token);

  /** What is known of a token. */
  sealed interface Verdict {}

  /** The token is good, here and now. */
  record Known(Identity identity) implements Verdict {}

  /** The token is no token of this place: forged, expired, meant for another audience. */
  record Refused() implements Verdict {}

  /**
   * Nobody could say.
   *
   * @param reason fit to be shown to the caller
   */
  record Unavailable(String reason) implements Verdict {}
}
