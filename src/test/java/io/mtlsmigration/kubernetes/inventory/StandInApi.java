// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.mtlsmigration.testing.FreePort;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Lists and watches as a kube-apiserver does them, on loopback, with everything that can go wrong.
 * Objects are put straight into it.
 */
final class StandInApi implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper YAML = new YAMLMapper();

  /** What may be wrong with a collection. */
  enum Fault {
    FORBIDDEN(403, "pods is forbidden: User \"system:serviceaccount:x:y\" cannot list it"),
    UNKNOWN(404, "the server could not find the requested resource"),
    OVERLOADED(429, "too many requests"),
    /** The list ends in the middle of an object. */
    CUT_OFF(200, ""),
    /** Watches are opened and stay silent, beyond their time. */
    SILENT(200, "");

    final int code;
    final String message;

    Fault(int code, String message) {
      this.code = code;
      this.message = message;
    }
  }

  private record Change(int version, String type, ObjectNode object) {}

  private final Vertx vertx = Vertx.vertx();
  private final Map<String, NavigableMap<String, ObjectNode>> collections = new HashMap<>();
  private final Map<String, List<Change>> histories = new HashMap<>();
  private final Map<String, Fault> faults = new HashMap<>();
  private final Map<ServerWebSocket, String> watches = new HashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private int version = 100;
  private int oldest;
  private int expiredTokens;
  private int droppedPages;
  private final Set<SocketAddress> connections = ConcurrentHashMap.newKeySet();
  private int goneEvent;
  private int mostMissed = Integer.MAX_VALUE;

  /** The number of times that it has left. */
  private int departures;

  private HttpServer server;
  private final int port = FreePort.next();

  StandInApi() {
    open();
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Requests so far, as path and query. */
  List<String> requests() {
    return requests;
  }

  long requests(String containing) {
    return requests.stream().filter(r -> r.contains(containing)).count();
  }

  synchronized void put(String collection, String yaml) {
    try {
      ObjectNode object = (ObjectNode) YAML.readTree(yaml);
      ObjectNode metadata = object.withObjectProperty("metadata");
      metadata.put("resourceVersion", String.valueOf(++version));
      metadata.put("creationTimestamp", "2026-11-25T08:00:00Z");
      String key = key(object);
      boolean known = collection(collection).put(key, object) != null;
      happened(collection, new Change(version, known ? "MODIFIED" : "ADDED", object));
    } catch (java.io.IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  synchronized void delete(String collection, String key) {
    ObjectNode object = collection(collection).remove(key).deepCopy();
    object.withObjectProperty("metadata").put("resourceVersion", String.valueOf(++version));
    happened(collection, new Change(version, "DELETED", object));
  }

  synchronized void fault(String collection, Fault fault) {
    faults.put(collection, fault);
  }

  synchronized void mend(String collection) {
    faults.remove(collection);
  }

  /**
   * As etcd's compaction: what happened before now cannot be watched any more.
   *
   * @param event the code of the event that says so; 0 where the watch is refused
   */
  synchronized void compact(int event) {
    oldest = version + 1;
    goneEvent = event;
    histories.clear();
  }

  /** The next so many pages that are asked for by token are refused. */
  synchronized void expireTokens(int count) {
    expiredTokens = count;
  }

  /** Of what was missed between two watches only so much arrives; the rest is on its way. */
  synchronized void delay(int mostArrived) {
    mostMissed = mostArrived;
  }

  /** The connection is closed instead of an answer to the next so many pages asked for by token. */
  synchronized void dropPages(int count) {
    droppedPages = count;
  }

  /** How many connections there have been for all but watches. */
  int connections() {
    return connections.size();
  }

  /** Ends all watches as a server that dies. */
  synchronized void cutWatches() {
    List.copyOf(watches.keySet()).forEach(w -> w.close((short) 1001, "going away"));
  }

  /** Stops listening; connections are reset. */
  void leave() {
    synchronized (this) {
      departures++;
    }
    join(server.close());
    synchronized (this) {
      watches.clear();
    }
  }

  /** Listens again, on the same port. */
  void comeBack() {
    open();
  }

  private void open() {
    server =
        join(
            vertx
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port))
                .requestHandler(this::answer)
                .listen());
  }

  private static <T> T join(io.vertx.core.Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  @Override
  public void close() {
    join(vertx.close());
  }

  private synchronized void answer(HttpServerRequest request) {
    requests.add(request.uri());
    if (request.getParam("watch") == null) {
      connections.add(request.connection().remoteAddress());
    }
    String collection = request.path().substring(1);
    Fault fault = faults.get(collection);
    if (fault != null && fault.code != 200) {
      status(request, fault.code, fault.message);
    } else if (request.getParam("watch") != null) {
      watch(request, collection, fault);
    } else {
      list(request, collection, fault);
    }
  }

  private static void status(HttpServerRequest request, int code, String message) {
    request
        .response()
        .setStatusCode(code)
        .end(
            """
            {"kind":"Status","apiVersion":"v1","status":"Failure","message":"%s","code":%d}"""
                .formatted(message.replace("\"", "\\\""), code));
  }

  private void list(HttpServerRequest request, String collection, Fault fault) {
    String token = request.getParam("continue");
    if (token != null && expiredTokens > 0) {
      expiredTokens--;
      status(request, 410, "the provided continue parameter is too old");
      return;
    }
    if (token != null && droppedPages > 0) {
      droppedPages--;
      request.connection().close();
      return;
    }
    NavigableMap<String, ObjectNode> rest = collection(collection);
    rest = token == null ? rest : rest.tailMap(token, false);
    List<String> items = new ArrayList<>();
    String last = "";
    for (Map.Entry<String, ObjectNode> entry : rest.entrySet()) {
      if (items.size() == Integer.parseInt(request.getParam("limit"))) {
        break;
      }
      ObjectNode item = entry.getValue().deepCopy();
      if (!collection.contains("istio.io")) {
        item.remove(List.of("kind", "apiVersion")); // as Go's types are written in lists
      }
      items.add(item.toString());
      last = entry.getKey();
    }
    String next = items.size() < rest.size() ? last : "";
    String body =
        """
        {"kind":"List","metadata":{"resourceVersion":"%d","continue":"%s"},"items":[%s]}
        """
            .formatted(version, next, String.join(",", items));
    request.response().end(fault == Fault.CUT_OFF ? body.substring(0, body.length() - 9) : body);
  }

  private void watch(HttpServerRequest request, String collection, Fault fault) {
    int from = Integer.parseInt(request.getParam("resourceVersion"));
    if (from < oldest && goneEvent == 0) {
      status(request, 410, "too old resource version");
      return;
    }
    long period = Long.parseLong(request.getParam("timeoutSeconds")) * 1000;
    int asked = departures;
    request
        .toWebSocket()
        .onSuccess(
            socket -> {
              synchronized (this) {
                if (asked == departures) {
                  begin(socket, collection, from, fault, period);
                } else { // a server that closes forgets a connection that is just being opened
                  socket.close((short) 1001, "going away");
                }
              }
            });
  }

  private void begin(
      ServerWebSocket socket, String collection, int from, Fault fault, long period) {
    if (fault == Fault.SILENT) {
      return;
    }
    if (from < oldest) {
      socket.writeTextMessage(
          """
          {"type":"ERROR","object":{"kind":"Status","code":%d,"message":"too old"}}"""
              .formatted(goneEvent));
      return;
    }
    watches.put(socket, collection);
    socket.closeHandler(v -> forget(socket));
    history(collection).stream()
        .filter(c -> c.version > from)
        .limit(mostMissed)
        .forEach(c -> send(socket, c));
    vertx.setTimer(period, t -> socket.close((short) 1000));
  }

  private synchronized void forget(ServerWebSocket socket) {
    watches.remove(socket);
  }

  private void happened(String collection, Change change) {
    history(collection).add(change);
    watches.forEach(
        (socket, watched) -> {
          if (watched.equals(collection)) {
            send(socket, change);
          }
        });
  }

  private static void send(ServerWebSocket socket, Change change) {
    ObjectNode event = JSON.createObjectNode();
    event.put("type", change.type).set("object", change.object);
    socket.writeTextMessage(event.toString());
  }

  private NavigableMap<String, ObjectNode> collection(String path) {
    return collections.computeIfAbsent(path, p -> new TreeMap<>());
  }

  private List<Change> history(String collection) {
    return histories.computeIfAbsent(collection, c -> new ArrayList<>());
  }

  private static String key(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    return metadata.path("namespace").asText() + "/" + metadata.path("name").asText();
  }
}
