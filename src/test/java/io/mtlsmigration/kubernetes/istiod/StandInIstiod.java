// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import io.mtlsmigration.kubernetes.forward.PodPort;
import io.mtlsmigration.kubernetes.forward.PortException;
import io.mtlsmigration.mesh.ObjectRef;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * istiod's debug pages on a socket, as Go's net/http answers HTTP/1.0: with a {@code Date}, without
 * a length, closed at the end. It can misbehave.
 */
final class StandInIstiod implements AutoCloseable {

  static final String LISTENERS = "type.googleapis.com/envoy.config.listener.v3.Listener";
  static final String CLUSTERS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  static final String ADDRESSES = "type.googleapis.com/istio.workload.Address";

  private static final String UUID = "6f47ac10-58cc-4372-a567-0e02b2c3d479";

  private final ServerSocket server;
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Instant date = Instant.EPOCH;
  private volatile String body = "[]";
  private volatile String status = "200 OK";
  private volatile String ambient = "";
  private volatile boolean silent;

  StandInIstiod() {
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::serve);
  }

  /** Ways to several istiods, by pod; a pod that is not among them refuses. */
  static PodPort ports(Map<String, StandInIstiod> istiods) {
    return (pod, port, request) -> {
      StandInIstiod istiod = istiods.get(pod.name());
      if (istiod == null || port != 15014) {
        throw new PortException(0, "connection refused by " + pod);
      }
      return istiod.send(request);
    };
  }

  private InputStream send(byte[] request) throws IOException {
    Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
    socket.getOutputStream().write(request);
    return socket.getInputStream();
  }

  private void serve() {
    try {
      while (true) {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> answer(socket));
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private void answer(Socket socket) {
    try (socket) {
      StringBuilder request = new StringBuilder();
      while (request.indexOf("\r\n\r\n") < 0) {
        request.append((char) socket.getInputStream().read());
      }
      asked.incrementAndGet();
      if (silent) {
        socket.getInputStream().read(); // until the other side gives up
        return;
      }
      boolean asksForAmbient = request.toString().startsWith("GET /debug/ambientz ");
      boolean known =
          asksForAmbient ? !ambient.isEmpty() : request.toString().startsWith("GET /debug/syncz ");
      String answered = known ? status : "404 No";
      String head =
          "HTTP/1.0 "
              + answered
              + "\r\nContent-Type: application/json\r\nDate: "
              + DateTimeFormatter.RFC_1123_DATE_TIME.format(date.atOffset(ZoneOffset.UTC))
              + "\r\n\r\n";
      String page = asksForAmbient ? ambient : body;
      socket.getOutputStream().write((head + page).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // The other side has what it wants.
    }
  }

  /** What istiod's clock shows. */
  StandInIstiod at(Instant time) {
    date = time;
    return this;
  }

  StandInIstiod shows(ProxyEntry... proxies) {
    body = "[" + String.join(",", List.of(proxies).stream().map(ProxyEntry::json).toList()) + "]";
    return this;
  }

  /** What {@code /debug/ambientz} shows; without this it is not there. */
  StandInIstiod ambient(String json) {
    ambient = json;
    return this;
  }

  StandInIstiod says(String text) {
    body = text;
    return this;
  }

  StandInIstiod status(String line) {
    status = line;
    return this;
  }

  StandInIstiod silent() {
    silent = true;
    return this;
  }

  int asked() {
    return asked.get();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As istiod makes nonces: the version of the push, and a UUID. */
  static String nonce(Instant madeAt) {
    return madeAt.toString().replaceAll("\\.[0-9]+Z", "Z") + "/15" + UUID;
  }

  static ProxyEntry sidecar(String pod, String namespace) {
    return new ProxyEntry(pod + "." + namespace, "sidecar");
  }

  static ProxyEntry ztunnel(ObjectRef pod) {
    return new ProxyEntry(pod.name() + "." + pod.namespace(), "ztunnel");
  }

  /** One entry of the page, field for field as {@code SyncStatus} is written. */
  static final class ProxyEntry {
    private final String proxy;
    private final String type;
    private String cluster = "Kubernetes";
    private final Map<String, String> resources = new TreeMap<>();
    private final List<String> flat = new ArrayList<>();

    private ProxyEntry(String proxy, String type) {
      this.proxy = proxy;
      this.type = type;
    }

    ProxyEntry inCluster(String id) {
      cluster = id;
      return this;
    }

    ProxyEntry type(String url, String sent, String acked, String error) {
      List<String> fields = new ArrayList<>();
      if (!sent.isEmpty()) {
        fields.add("\"sent\":\"" + sent + "\"");
      }
      if (!acked.isEmpty()) {
        fields.add("\"acked\":\"" + acked + "\"");
      }
      // Go does not leave out a time that is zero.
      fields.add("\"sentTime\":\"" + (sent.isEmpty() ? "0001-01-01T00:00:00Z" : time(sent)) + "\"");
      if (!error.isEmpty()) {
        fields.add("\"lastError\":\"" + error + "\"");
      }
      resources.put(url, "{" + String.join(",", fields) + "}");
      return this;
    }

    private static String time(String nonce) {
      return nonce.substring(0, nonce.indexOf('/')).replace("Z", ".123456789Z");
    }

    ProxyEntry follows(String url, Instant madeAt) {
      return type(url, nonce(madeAt), nonce(madeAt), "");
    }

    /** As releases without {@code resources} have it. */
    ProxyEntry flat(String sent, String acked) {
      if (!sent.isEmpty()) {
        flat.add(",\"listener_sent\":\"" + sent + "\"");
      }
      if (!acked.isEmpty()) {
        flat.add(",\"listener_acked\":\"" + acked + "\"");
      }
      return this;
    }

    String json() {
      String types =
          String.join(
              ",",
              resources.entrySet().stream()
                  .map(e -> "\"" + e.getKey() + "\":" + e.getValue())
                  .toList());
      return "{\"cluster_id\":\""
          + cluster
          + "\",\"proxy\":\""
          + proxy
          + "\",\"proxy_type\":\""
          + type
          + "\",\"istio_version\":\"1.31-dev\""
          + String.join("", flat)
          + (resources.isEmpty() ? "" : ",\"resources\":{" + types + "}")
          + "}";
    }
  }
}
