// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import jakarta.inject.Singleton;

/** The current use of the API's bounded resources. */
@Singleton
public final class ApiLoad {

  private final EventStreams streams;
  private final Analyses analyses;

  ApiLoad(EventStreams streams, Analyses analyses) {
    this.streams = streams;
    this.analyses = analyses;
  }

  /** Returns the number of open event streams. */
  public int streams() {
    return streams.open();
  }

  /** Returns the number of running analyses. */
  public int analyses() {
    return analyses.running();
  }
}
