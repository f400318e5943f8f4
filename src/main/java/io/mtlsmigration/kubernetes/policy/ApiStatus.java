// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of a {@code meta/v1} Status that verdicts need.
 *
 * @param code the HTTP status that was sent, whatever the body says
 * @param reason such as {@code Conflict}; empty when the body was no Status: then the answer came
 *     from something in front of the API server, or the path is not served
 * @param kind of the object that it is about, in {@code details}
 * @param name of that object
 */
record ApiStatus(
    int code, String reason, String message, String kind, String name, List<Cause> causes) {

  /** One of {@code details.causes}. */
  record Cause(String reason, String field, String message) {}

  private static final int SHOWN = 300;

  ApiStatus {
    causes = List.copyOf(causes);
  }

  static ApiStatus of(int code, JsonNode body) {
    JsonNode details = body.path("details");
    List<Cause> causes = new ArrayList<>();
    for (JsonNode cause : details.path("causes")) {
      causes.add(
          new Cause(
              cause.path("reason").asText(""),
              cause.path("field").asText(""),
              cause.path("message").asText("")));
    }
    return new ApiStatus(
        code,
        body.path("reason").asText(""),
        body.path("message").asText(""),
        details.path("kind").asText(""),
        details.path("name").asText(""),
        causes);
  }

  /**
   * Returns the status of an answer whose body is no JSON object, such as {@code 404 page not
   * found} or a proxy's page.
   */
  static ApiStatus of(int code, String body) {
    String text = body.strip();
    return new ApiStatus(
        code, "", text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text, "", "", List.of());
  }

  boolean blames(String field) {
    return causes.stream().anyMatch(c -> c.field().equals(field));
  }

  boolean hasCause(String causeReason) {
    return causes.stream().anyMatch(c -> c.reason().equals(causeReason));
  }

  /** Returns the server's message for people, or the code when it has none. */
  String words() {
    return message.isEmpty() ? "HTTP " + code : message + " (HTTP " + code + ")";
  }
}
