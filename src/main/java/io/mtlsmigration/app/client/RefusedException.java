// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Thrown when the service answered with an error. Its texts are unescaped; {@link RemoteCommand}
 * escapes them in print.
 */
final class RefusedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient JsonNode problem;

  /**
   * Creates an exception.
   *
   * @param problem of RFC 9457; missing when the answer is none
   */
  RefusedException(int status, JsonNode problem) {
    super("answered with " + status);
    this.status = status;
    this.problem = problem;
  }

  /**
   * Returns the exit code; {@link Exit#NO_ANSWER} when nothing was decided: the caller is not
   * authenticated, a retry may help, or something other than the service answered.
   */
  int exitCode() {
    if (!isOfTheService()) {
      return Exit.NO_ANSWER;
    }
    return switch (status) {
      case 401, 408, 429 -> Exit.NO_ANSWER;
      default -> status >= 400 && status < 500 ? Exit.REFUSED : Exit.NO_ANSWER;
    };
  }

  /** Returns whether the same call may be answered later, by the service or by what leads to it. */
  boolean mayPass() {
    return status >= 500 || status == 408 || status == 429;
  }

  /**
   * Returns whether the service answered; others, such as a proxy on the way, send no problems with
   * titles.
   */
  private boolean isOfTheService() {
    return problem.path("title").isTextual();
  }

  /** Returns the title, the detail, each wrong place, and the remedy. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (!isOfTheService()) {
      lines.add("the answer is " + status + ", and no answer of mtls-migration");
      lines.add("  what to do: look whether the address leads to its port 8080");
      return lines;
    }
    lines.add(
        "%s (%d %s)"
            .formatted(
                problem.path("title").asText(), status, problem.path("code").asText("no code")));
    lines.add("  " + problem.path("detail").asText());
    for (JsonNode error : problem.path("errors")) {
      String pointer = error.path("pointer").asText("");
      String place = pointer.isEmpty() ? error.path("parameter").asText("the body") : pointer;
      lines.add("  at " + place + ": " + error.path("detail").asText());
    }
    String remedy = remedy();
    if (!remedy.isEmpty()) {
      lines.add("  what to do: " + remedy);
    }
    return lines;
  }

  private String remedy() {
    List<String> allowed = new ArrayList<>();
    problem
        .path("allowedActions")
        .forEach(action -> allowed.add(action.asText().toLowerCase(Locale.ROOT)));
    if (!allowed.isEmpty()) {
      return "one of " + String.join(", ", allowed);
    }
    return switch (status) {
      case 401 -> "give a token that the service takes: --token-file, $MTLS_MIGRATION_TOKEN";
      case 403 -> "ask for the verb that is named; docs/access.md shows the roles";
      case 408, 429, 503 -> "ask again in a while";
      case 412 -> "look at it as it is now, and repeat the command";
      case 500 -> "look for " + problem.path("incident").asText("the request") + " in its log";
      default -> "";
    };
  }
}
