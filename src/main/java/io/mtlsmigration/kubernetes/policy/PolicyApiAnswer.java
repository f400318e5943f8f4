package io.mtlsmigration.kubernetes.policy;

import com.fasterxml.jackson.databind.JsonNode;

/** What came back from the API server. */
sealed interface PolicyApiAnswer {

  /**
   * A 2xx.
   *
   * @param body the object, or a {@code Status} after a delete
   */
  record Success(JsonNode body) implements PolicyApiAnswer {}

  /** Any other code. */
  record Failure(ApiStatus status) implements PolicyApiAnswer {}

  /** The connection failed, or the time was over. Whether the request was carried out is open. */
  record Silence(String detail) implements PolicyApiAnswer {}
}
