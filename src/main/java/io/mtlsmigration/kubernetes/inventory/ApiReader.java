// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.mtlsmigration.manifest.UnreadFields;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Lists and watches over fabric8's connections, with their TLS, tokens, proxies and impersonation.
 * A client derived from another shares all of these and must not be closed separately.
 */
final class ApiReader {

  /** The longest silence of the server within an answer; its own limit for a list is 60 s. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The time limit for opening a watch. */
  private static final Duration HANDSHAKE = Duration.ofSeconds(15);

  /** The number of bytes read of an error answer. */
  private static final int ERROR_BYTES = 64 << 10;

  private final HttpClient http;
  private final URI server;
  private final InventoryOptions options;

  ApiReader(KubernetesClient client, InventoryOptions options) {
    this.http = withoutRetries(client);
    this.server = URI.create(client.getMasterUrl().toString());
    this.options = options;
  }

  /**
   * Returns a client without retries. fabric8 would repeat a request for a minute or two, with
   * pauses that double, and report nothing meanwhile; the reflectors retry themselves and report
   * why.
   */
  private static HttpClient withoutRetries(KubernetesClient client) {
    RequestConfig config =
        new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
            .withRequestRetryBackoffLimit(0)
            .build();
    return client.getHttpClient().newBuilder().tag(config).build();
  }

  /**
   * Reads one page.
   *
   * @param path of the collection
   * @param next the token of the page; empty for the first
   * @throws ApiRefusal when the server answers with an error
   */
  ObjectDecoder.Page list(String path, String next, UnreadFields unread, Consumer<ObjectNode> each)
      throws IOException, InterruptedException {
    // Never resourceVersion=0: the server would ignore the limit and serialize everything at once.
    String query =
        "limit=" + options.pageSize() + (next.isEmpty() ? "" : "&continue=" + encoded(next));
    HttpRequest request = http.newHttpRequestBuilder().uri(uri(path, query)).build();
    try (ResponseStream response = ResponseStream.open(http, request, PATIENCE)) {
      if (!response.isSuccessful()) {
        throw refusal(response);
      }
      ObjectDecoder.Page page = ObjectDecoder.page(response, unread, each);
      response.transferTo(OutputStream.nullOutputStream()); // or the connection is not reused
      return page;
    }
  }

  /** Watches events after a resourceVersion, for one watch period. */
  WatchStream watch(String path, String resourceVersion) throws IOException, InterruptedException {
    String query =
        "watch=true&allowWatchBookmarks=true&resourceVersion=%s&timeoutSeconds=%s"
            .formatted(encoded(resourceVersion), options.watchPeriod().toSeconds());
    return WatchStream.open(http.newWebSocketBuilder().uri(uri(path, query)), HANDSHAKE);
  }

  private URI uri(String path, String query) {
    return server.resolve(path + "?" + query);
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private static ApiRefusal refusal(ResponseStream response) throws IOException {
    byte[] body = response.readNBytes(ERROR_BYTES);
    String message;
    try {
      JsonNode status = ObjectDecoder.document(new ByteArrayInputStream(body));
      message = status.path("message").asText("");
    } catch (JsonProcessingException e) {
      message = ""; // the answer came from something in front of the API server
    }
    return new ApiRefusal(response.code(), message.isEmpty() ? "HTTP " + response.code() : message);
  }
}
