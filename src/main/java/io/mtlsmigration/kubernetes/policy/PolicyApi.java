// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.mtlsmigration.kubernetes.fields.StoredJson;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.rollout.PolicyWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The requests to the API server, each made once and bounded in time. Objects travel as JSON trees,
 * so that no field is lost for want of a model.
 */
final class PolicyApi {

  /** The API group of all objects written here. */
  static final String GROUP = "security.istio.io";

  private static final String JSON = "application/json";
  private static final String MERGE_PATCH = "application/merge-patch+json";

  /** The time that the server's answer may need to arrive after the server's own limit. */
  private static final Duration ON_THE_WAY = Duration.ofSeconds(2);

  /** The objects of one answer: each may be as large as an object, and is read as a whole. */
  private static final int PAGE = 50;

  private final HttpClient http;
  private final String server;
  private final Duration timeout;
  private final ObjectMapper json = StoredJson.mapper();

  /**
   * Creates a client.
   *
   * @param timeout the server's limit in whole seconds; the client waits a little longer, so that a
   *     request that the client gives up is not carried out afterwards
   */
  PolicyApi(KubernetesClient client, Duration timeout) {
    this.http = once(client);
    this.server = client.getMasterUrl().toString();
    this.timeout = timeout;
  }

  /**
   * Returns a client without retries. fabric8 repeats a request that got no answer, or a 5xx; a
   * write must not be repeated: if the first attempt was carried out, the second conflicts with it.
   */
  private static HttpClient once(KubernetesClient client) {
    RequestConfig given = client.getConfiguration().getRequestConfig();
    RequestConfig single = new RequestConfigBuilder(given).withRequestRetryBackoffLimit(0).build();
    single.setImpersonateUsername(given.getImpersonateUsername());
    single.setImpersonateGroups(given.getImpersonateGroups());
    single.setImpersonateExtras(given.getImpersonateExtras());
    return client.newClient(single).getHttpClient();
  }

  PolicyApiAnswer get(ObjectRef ref) {
    return send(request(path(ref), ""));
  }

  /**
   * Lists a page of the policies of one namespace.
   *
   * @param next the token of the page; empty for the first
   */
  PolicyApiAnswer policies(String namespace, String next) {
    return send(request(collection(ObjectRef.peerAuthentication(namespace, "")), page(next)));
  }

  /** Lists a page of the policies of all namespaces. */
  PolicyApiAnswer policies(String next) {
    return send(request("apis/" + GROUP + "/v1/peerauthentications", page(next)));
  }

  private static String page(String next) {
    return "&limit=" + PAGE + (next.isEmpty() ? "" : "&continue=" + segment(next));
  }

  /** Lists the namespaces of that name: the inventory's permission to list suffices. */
  PolicyApiAnswer namespaces(String name) {
    return send(request("api/v1/namespaces", "&fieldSelector=metadata.name%3D" + segment(name)));
  }

  PolicyApiAnswer create(ObjectRef ref, JsonNode object, boolean dryRun) {
    return send(request(collection(ref), written(dryRun)).method("POST", JSON, object.toString()));
  }

  PolicyApiAnswer patch(ObjectRef ref, JsonNode patch, boolean dryRun) {
    return send(request(path(ref), written(dryRun)).method("PATCH", MERGE_PATCH, patch.toString()));
  }

  /** Deletes the object if it has this uid and version. */
  PolicyApiAnswer delete(ObjectRef ref, String uid, String resourceVersion, boolean dryRun) {
    ObjectNode options = json.createObjectNode();
    options.putObject("preconditions").put("uid", uid).put("resourceVersion", resourceVersion);
    if (dryRun) {
      options.putArray("dryRun").add("All");
    }
    return delete(ref, options);
  }

  /** Deletes the object if it has this uid, whatever its version. */
  PolicyApiAnswer delete(ObjectRef ref, String uid) {
    ObjectNode options = json.createObjectNode();
    options.putObject("preconditions").put("uid", uid);
    return delete(ref, options);
  }

  private PolicyApiAnswer delete(ObjectRef ref, ObjectNode options) {
    options.put("apiVersion", "v1").put("kind", "DeleteOptions");
    return send(request(path(ref), "").method("DELETE", JSON, options.toString()));
  }

  private static String written(boolean dryRun) {
    return "&fieldManager="
        + PolicyWriter.FIELD_MANAGER
        // Otherwise a field that the server's schema does not know would be dropped silently.
        + "&fieldValidation=Strict"
        + (dryRun ? "&dryRun=All" : "");
  }

  private HttpRequest.Builder request(String path, String query) {
    return http.newHttpRequestBuilder()
        .uri(server + path + "?timeout=" + Math.max(1, timeout.toSeconds()) + "s" + query)
        .header("Accept", JSON)
        .timeout(timeout.plus(ON_THE_WAY).toMillis(), TimeUnit.MILLISECONDS);
  }

  private static String collection(ObjectRef ref) {
    return "apis/" + GROUP + "/v1/namespaces/" + segment(ref.namespace()) + "/" + resource(ref);
  }

  /** Returns the resource's name as in paths, RBAC rules and the server's messages. */
  static String resource(ObjectRef ref) {
    return switch (ref.kind()) {
      case "PeerAuthentication" -> "peerauthentications";
      case "AuthorizationPolicy" -> "authorizationpolicies";
      default -> throw new IllegalArgumentException("not written here: " + ref);
    };
  }

  private static String path(ObjectRef ref) {
    return collection(ref) + "/" + segment(ref.name());
  }

  private static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private PolicyApiAnswer send(HttpRequest.Builder request) {
    CompletableFuture<HttpResponse<String>> answer;
    try {
      answer = http.sendAsync(request.build(), String.class);
    } catch (RuntimeException e) {
      // For instance a client that was closed because the process stops.
      return new PolicyApiAnswer.Silence(
          "nothing could be sent to the API server: " + ApiErrorText.of(e));
    }
    Duration limit = timeout.plus(ON_THE_WAY);
    try {
      return answer(answer.get(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      answer.cancel(true);
      return new PolicyApiAnswer.Silence(
          "no answer from the API server within " + limit.toSeconds() + " s");
    } catch (ExecutionException e) {
      return new PolicyApiAnswer.Silence(
          "the connection to the API server failed: " + ApiErrorText.of(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answer.cancel(true);
      return new PolicyApiAnswer.Silence("interrupted before the API server had answered");
    }
  }

  private PolicyApiAnswer answer(HttpResponse<String> response) {
    String body = response.body() == null ? "" : response.body();
    int code = response.code();
    boolean success = code >= 200 && code < 300;
    try {
      JsonNode tree = json.readTree(body);
      if (tree.isObject()) {
        return success
            ? new PolicyApiAnswer.Success(tree)
            : new PolicyApiAnswer.Failure(ApiStatus.of(code, tree));
      }
    } catch (JsonProcessingException e) {
      // Handled below, as text.
    }
    return success
        ? new PolicyApiAnswer.Silence("the API server's answer was cut off or is not JSON")
        : new PolicyApiAnswer.Failure(ApiStatus.of(code, body));
  }
}
