// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.problem;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import jakarta.inject.Singleton;

/** Writes problems outside of resources, where no exception mapper runs. */
@Singleton
public final class ProblemWriter {

  private final ObjectMapper mapper;

  public ProblemWriter(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /**
   * Answers with a problem of the catalogue; further headers are set before.
   *
   * @param instance as in {@link ProblemDetail#of}
   * @return completes when it has been sent
   */
  public Future<Void> answer(
      HttpServerResponse response, ErrorCode code, String detail, String instance) {
    return response
        .setStatusCode(code.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, ProblemDetail.MEDIA_TYPE)
        .end(text(code, detail, instance));
  }

  /** Returns a problem as JSON. */
  public String text(ErrorCode code, String detail, String instance) {
    try {
      return mapper.writeValueAsString(ProblemDetail.of(code, detail, instance));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of texts can be written", e);
    }
  }
}
