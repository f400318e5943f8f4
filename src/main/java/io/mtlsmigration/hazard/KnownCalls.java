package io.mtlsmigration.hazard;

import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Edge;
import java.util.List;

/**
 * What is known of calls that concern a namespace.
 *
 * @param direct calls past all Services: to addresses of the namespace's pods, and those of which
 *     nobody knows where they go
 * @param plaintext edges to servers of the namespace
 */
public record KnownCalls(List<DirectCall> direct, List<Edge> plaintext) {

  /** Nothing is known; that is not to say that nobody calls. */
  public static final KnownCalls NONE = new KnownCalls(List.of(), List.of());

  public KnownCalls {
    direct = List.copyOf(direct);
    plaintext = List.copyOf(plaintext);
  }
}
