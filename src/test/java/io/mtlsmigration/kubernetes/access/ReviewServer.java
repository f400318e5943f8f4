// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.testing.ApiClients;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/**
 * An API server that knows tokens and permissions and nothing else. It answers as kube-apiserver
 * does: a token that it does not know has a status without {@code authenticated}, and what it was
 * asked can be read afterwards.
 */
public final class ReviewServer implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OWN_AUDIENCE = "https://kubernetes.default.svc";

  private final HttpServer server;
  private final Map<String, User> users = new HashMap<>();
  private final List<JsonNode> asked = new CopyOnWriteArrayList<>();
  private final Set<String> unanswerable = ConcurrentHashMap.newKeySet();
  private volatile int failsWith;
  private volatile CountDownLatch hold = new CountDownLatch(0);

  /** Who has a token, for which audience it is, and which verbs they have on which plan. */
  private record User(String name, String audience, Set<String> verbs, String plan) {}

  private ReviewServer(HttpServer server) {
    this.server = server;
  }

  public static ReviewServer start() {
    try {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      ReviewServer server = new ReviewServer(http);
      http.createContext("/", server::answer);
      http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      http.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** A client that does not repeat what failed. */
  KubernetesClient client() {
    return ApiClients.of(url());
  }

  /** May do all that is named, to any plan. */
  public ReviewServer user(String token, String name, String... verbs) {
    users.put(token, new User(name, OWN_AUDIENCE, Set.of(verbs), ""));
    return this;
  }

  ReviewServer userFor(String audience, String token, String name) {
    users.put(token, new User(name, audience, Set.of(), ""));
    return this;
  }

  /** May do what is named to one plan. */
  public ReviewServer userOfPlan(String plan, String token, String name, String... verbs) {
    users.put(token, new User(name, OWN_AUDIENCE, Set.of(verbs), plan));
    return this;
  }

  /** A token or a user that it fails to tell anything of. */
  public ReviewServer unanswerable(String tokenOrUser) {
    unanswerable.add(tokenOrUser);
    return this;
  }

  /** From now on every answer is this status; 0 for proper answers. */
  public void failWith(int status) {
    failsWith = status;
  }

  /** From now on nobody is answered. */
  public void hold() {
    hold = new CountDownLatch(1);
  }

  public void release() {
    hold.countDown();
  }

  /** What was asked, in order: the objects that were posted. */
  List<JsonNode> asked() {
    return List.copyOf(asked);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode posted = JSON.readTree(exchange.getRequestBody());
      asked.add(posted);
      await();
      ObjectNode answer = posted.isObject() ? posted.deepCopy() : JSON.createObjectNode();
      int status = failsWith;
      if (unanswerable.contains(posted.at("/spec/token").asText("-"))
          || unanswerable.contains(posted.at("/spec/user").asText("-"))) {
        status = 500;
      }
      if (status == 0) {
        status = 201;
        switch (exchange.getRequestURI().getPath()) {
          case "/apis/authentication.k8s.io/v1/tokenreviews" -> token(answer);
          case "/apis/authorization.k8s.io/v1/subjectaccessreviews" -> access(answer);
          default -> status = 404;
        }
      }
      byte[] body = JSON.writeValueAsBytes(answer);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private void await() {
    try {
      hold.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void token(ObjectNode review) {
    List<String> audiences = new ArrayList<>();
    review.at("/spec/audiences").forEach(audience -> audiences.add(audience.asText()));
    if (audiences.isEmpty()) {
      audiences.add(OWN_AUDIENCE);
    }
    User user = users.get(review.at("/spec/token").asText());
    ObjectNode status = review.putObject("status");
    if (user == null || !audiences.contains(user.audience)) {
      status.put("error", "invalid bearer token");
      status.putObject("user");
      return;
    }
    status.put("authenticated", true);
    status.putArray("audiences").add(user.audience);
    ObjectNode info = status.putObject("user");
    info.put("username", user.name);
    info.put("uid", "uid-of-" + user.name);
    info.putArray("groups").add("system:authenticated").add("team-a");
    info.putObject("extra").putArray("example.io/scope").add("all");
  }

  private void access(ObjectNode review) {
    String name = review.at("/spec/user").asText();
    JsonNode wanted = review.at("/spec/resourceAttributes");
    boolean allowed =
        users.values().stream()
            .filter(user -> user.name.equals(name))
            .filter(user -> user.plan.isEmpty() || user.plan.equals(wanted.path("name").asText()))
            .anyMatch(user -> user.verbs.contains(wanted.path("verb").asText()));
    review.putObject("status").put("allowed", allowed);
  }

  @Override
  public void close() {
    release();
    server.stop(0);
  }
}
