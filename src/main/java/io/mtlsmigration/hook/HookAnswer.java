// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.text.TerminalText;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a receiver: its status, and as much of the body as can hold a reason.
 *
 * @param contentType in lower case, without parameters
 * @param text the beginning of the body
 * @param retryAfter as sent
 */
record HookAnswer(int status, String contentType, String text, @Nullable String retryAfter) {

  /** The maximum length of a body in bytes; the rest is not read. */
  static final int MOST_BYTES = 16 * 1024;

  /** The maximum length of a reason in characters. */
  static final int LONGEST = 300;

  /** Status codes that ask to retry later, which is no refusal (RFC 9110, RFC 8470, RFC 6585). */
  private static final Set<Integer> LATER = Set.of(408, 425, 429);

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Completes the answer when the body has ended, or is longer than needed. */
  static void read(HttpClientResponse response, CompletableFuture<HookAnswer> answer) {
    Buffer body = Buffer.buffer();
    response.handler(
        chunk -> {
          body.appendBuffer(chunk.slice(0, Math.min(chunk.length(), MOST_BYTES - body.length())));
          if (body.length() >= MOST_BYTES) {
            answer.complete(of(response, body));
            response.request().reset();
          }
        });
    response.endHandler(end -> answer.complete(of(response, body)));
    // The body was cut off, but the status was received.
    response.exceptionHandler(e -> answer.complete(of(response, body)));
  }

  private static HookAnswer of(HttpClientResponse response, Buffer body) {
    String type = response.getHeader("Content-Type");
    String bare = type == null ? "" : bare(type).strip().toLowerCase(Locale.ROOT);
    return new HookAnswer(
        response.statusCode(),
        bare,
        body.toString(StandardCharsets.UTF_8),
        response.getHeader("Retry-After"));
  }

  /** Returns a media type without its parameters. */
  private static String bare(String type) {
    int end = type.indexOf(';');
    return end < 0 ? type : type.substring(0, end);
  }

  /**
   * Interprets the answer.
   *
   * @param secrets header values that must not be shown, in case the receiver repeats them
   */
  Reply reply(Map<String, String> secrets) {
    if (status >= 200 && status < 300) {
      return new Reply.Accepted();
    }
    String said = "HTTP " + status + detail(secrets);
    if (status >= 300 && status < 400) {
      return new Reply.Failed(
          "HTTP " + status + ": redirects are not followed; name their target instead", null);
    }
    return status >= 400 && status < 500 && !LATER.contains(status)
        ? new Reply.Refused(said)
        : new Reply.Failed(said, seconds());
  }

  private @Nullable Duration seconds() {
    return retryAfter != null
            && !retryAfter.isEmpty()
            && retryAfter.length() <= 6
            && retryAfter.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Duration.ofSeconds(Long.parseLong(retryAfter))
        : null;
  }

  private String detail(Map<String, String> secrets) {
    String reason = reason();
    // The longest first: without a part of it, it would not be found.
    List<String> longest =
        secrets.values().stream()
            .flatMap(secret -> Stream.of(secret, secret.substring(secret.indexOf(' ') + 1)))
            .filter(secret -> !secret.isEmpty())
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
    for (String secret : longest) {
      reason = reason.replace(secret, "***");
    }
    String line = line(reason);
    return line.isEmpty() ? "" : ": " + line;
  }

  /** Returns {@code detail} or {@code title} of a problem (RFC 9457), or plain text, not HTML. */
  private String reason() {
    if (contentType.equals("text/plain")) {
      return text;
    }
    if (!contentType.endsWith("json")) {
      return "";
    }
    try {
      JsonNode problem = JSON.readTree(text);
      for (String field : List.of("detail", "title")) {
        if (problem.path(field).isTextual()) {
          return problem.path(field).asText();
        }
      }
      return "";
    } catch (JsonProcessingException e) {
      return "";
    }
  }

  /** Returns one line of bounded length, without characters that could forge entries in a log. */
  static String line(String text) {
    String line = TerminalText.line(text).strip();
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
  }
}
