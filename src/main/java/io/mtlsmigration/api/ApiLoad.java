package io.mtlsmigration.api;

import jakarta.inject.Singleton;

/** How much of what is bounded is under way in the API. */
@Singleton
public final class ApiLoad {

  private final EventStreams streams;
  private final Analyses analyses;

  ApiLoad(EventStreams streams, Analyses analyses) {
    this.streams = streams;
    this.analyses = analyses;
  }

  /** Streams of events that are open. */
  public int streams() {
    return streams.open();
  }

  /** Analyses that are running. */
  public int analyses() {
    return analyses.running();
  }
}
