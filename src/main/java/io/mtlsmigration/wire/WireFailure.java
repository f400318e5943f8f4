package io.mtlsmigration.wire;

/**
 * Why nothing could be captured, and what to do about it.
 *
 * @param reason what happened, in words
 * @param remedy what makes it possible
 */
public record WireFailure(WireFailureCode code, String reason, String remedy) {}
