// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import com.fasterxml.jackson.databind.JsonNode;

/** The API server's answer. */
sealed interface PolicyApiAnswer {

  /**
   * A 2xx.
   *
   * @param body the object, or a {@code Status} after a delete
   */
  record Success(JsonNode body) implements PolicyApiAnswer {}

  /** Any other code. */
  record Failure(ApiStatus status) implements PolicyApiAnswer {}

  /** The connection failed, or the time was over. The request may have been carried out. */
  record Silence(String detail) implements PolicyApiAnswer {}
}
