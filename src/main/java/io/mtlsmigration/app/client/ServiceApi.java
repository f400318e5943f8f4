// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A client of the REST API. Answers are trees: fields added by a later service are passed on, and
 * unknown values are shown as they are.
 */
final class ServiceApi implements AutoCloseable {

  static final String JSON = "application/json";
  static final String YAML = "application/yaml";

  private static final String IF_MATCH = "If-Match";
  private static final int NO_CONTENT = 204;

  private static final Map<String, String> ACCEPT = Map.of("Accept", JSON);

  private static final List<String> LISTS = List.of("items", "flows", "cells");

  /** The limit of an answer: ten times the largest one of ten thousand namespaces. */
  private static final int MOST_BYTES = 64 << 20;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Endpoint endpoint;
  private final Duration timeout;
  private final HttpClient http;

  ServiceApi(Endpoint endpoint, Duration timeout) {
    this.endpoint = endpoint;
    this.timeout = timeout;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            // A redirect would carry the token to another host.
            .followRedirects(HttpClient.Redirect.NEVER);
    if (endpoint.trust() != null) {
      builder.sslContext(endpoint.trust());
    }
    this.http = builder.build();
  }

  /**
   * Returns a path of encoded segments.
   *
   * @throws UsageException when a segment would lead to another path: it is empty, {@code .} or
   *     {@code ..}
   */
  static String path(String... segments) {
    StringBuilder path = new StringBuilder();
    for (String segment : segments) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        throw new UsageException("'" + segment + "' is no name");
      }
      path.append('/').append(encoded(segment).replace("+", "%20"));
    }
    return path.toString();
  }

  JsonNode get(String path, Map<String, String> query) throws IOException, RefusedException {
    return tree(call("GET", path, query, ACCEPT, BodyPublishers.noBody()).text);
  }

  /**
   * Returns all pages of a list as one document.
   *
   * @throws IOException also when the answer is no list: nobody in it would be taken for nobody
   */
  JsonNode list(String path, Map<String, String> query) throws IOException, RefusedException {
    JsonNode first = get(path, query);
    if (LISTS.stream().noneMatch(field -> first.path(field).isArray())) {
      throw new IOException("the answer is no list, so none of mtls-migration");
    }
    JsonNode part = first;
    while (part.path("continue").isTextual()) {
      Map<String, String> next = new TreeMap<>(query);
      next.put("continue", part.path("continue").asText());
      part = get(path, next);
      for (String field : LISTS) {
        if (first.path(field) instanceof ArrayNode all) {
          part.path(field).forEach(all::add);
        }
      }
    }
    if (first instanceof ObjectNode whole && whole.has("continue")) {
      whole.putNull("continue");
      if (whole.has("remaining")) {
        whole.put("remaining", 0);
      }
    }
    return first;
  }

  /** Returns an answer in a representation other than JSON. */
  String text(String path, Map<String, String> query, String accept)
      throws IOException, RefusedException {
    return call("GET", path, query, Map.of("Accept", accept), BodyPublishers.noBody()).text;
  }

  JsonNode post(String path, Map<String, ?> body) throws IOException, RefusedException {
    return body.isEmpty()
        ? tree(call("POST", path, Map.of(), ACCEPT, BodyPublishers.noBody()).text)
        : post(path, Map.of(), MAPPER.writeValueAsBytes(body), JSON);
  }

  JsonNode post(String path, Map<String, String> query, byte[] body, String type)
      throws IOException, RefusedException {
    Map<String, String> headers = Map.of("Accept", JSON, "Content-Type", type);
    return tree(call("POST", path, query, headers, BodyPublishers.ofByteArray(body)).text);
  }

  /**
   * An answer with its version.
   *
   * @param tag for {@code If-Match}
   */
  record Version(JsonNode body, String tag) {}

  /** Returns an answer with the version that a later {@link #put} replaces. */
  Version read(String path) throws IOException, RefusedException {
    Answer answer = call("GET", path, Map.of(), ACCEPT, BodyPublishers.noBody());
    return new Version(tree(answer.text), answer.tag);
  }

  /** Replaces that version, and no other. */
  JsonNode put(String path, JsonNode body, String tag) throws IOException, RefusedException {
    BodyPublisher bytes = BodyPublishers.ofByteArray(MAPPER.writeValueAsBytes(body));
    Map<String, String> headers = Map.of("Accept", JSON, "Content-Type", JSON, IF_MATCH, tag);
    return tree(call("PUT", path, Map.of(), headers, bytes).text);
  }

  /**
   * Deletes whatever version there is: a person who types a command has not read one.
   *
   * @return what is left; missing where there is nothing left to tell of
   */
  JsonNode delete(String path, Map<String, String> query) throws IOException, RefusedException {
    Map<String, String> headers = Map.of("Accept", JSON, IF_MATCH, "*");
    Answer answer = call("DELETE", path, query, headers, BodyPublishers.noBody());
    if (answer.text.isEmpty() && answer.status != NO_CONTENT) {
      throw new IOException("the answer is empty, so it is none of mtls-migration");
    }
    return tree(answer.text);
  }

  private record Answer(int status, String text, String tag) {}

  private Answer call(
      String method,
      String path,
      Map<String, String> query,
      Map<String, String> headers,
      BodyPublisher body)
      throws IOException, RefusedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path, query)).timeout(timeout).method(method, body);
    headers.forEach(request::header);
    if (endpoint.token() != null) {
      request.header("Authorization", "Bearer " + endpoint.token());
    }
    HttpResponse<InputStream> response = send(request.build());
    String text = read(response);
    if (response.statusCode() >= 200 && response.statusCode() < 300) {
      return new Answer(
          response.statusCode(), text, response.headers().firstValue("ETag").orElse(""));
    }
    throw new RefusedException(response.statusCode(), problem(text));
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new IOException("no answer from " + endpoint.description() + ": " + words(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String read(HttpResponse<InputStream> response) throws IOException {
    try (InputStream in = response.body()) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException("the answer has more than " + MOST_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private String words(IOException e) {
    String way = endpoint.way().problem();
    if (!way.isEmpty()) {
      return way;
    }
    return switch (e) {
      case ConnectException refused -> "nobody listens there, or the name is not known";
      case HttpTimeoutException late -> "none within " + timeout.toSeconds() + " s";
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }

  private URI uri(String path, Map<String, String> query) {
    String parameters =
        query.entrySet().stream()
            .map(e -> e.getKey() + "=" + encoded(e.getValue()))
            .collect(Collectors.joining("&"));
    return URI.create(
        endpoint.base() + "/api/v1" + path + (parameters.isEmpty() ? "" : "?" + parameters));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /**
   * Returns an answer that has a field which every such answer has: a gateway on the way may answer
   * all with 200, and nothing was done then.
   */
  static JsonNode told(JsonNode answer, String field) throws IOException {
    if (!answer.hasNonNull(field)) {
      throw new IOException("the answer has no " + field + ", so it is none of mtls-migration");
    }
    return answer;
  }

  private static JsonNode tree(String text) throws IOException {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IOException("the answer is no JSON, so none of mtls-migration", e);
    }
  }

  private static JsonNode problem(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
    endpoint.way().close();
  }
}
