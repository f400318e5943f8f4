package io.mtlsmigration.kubernetes.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.mesh.Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The access log of a sidecar.
 *
 * <p>Formats differ from mesh to mesh ({@code accessLogFormat}), so a line is read by what it
 * contains and not by field names: Envoy's response code detail {@code filter_chain_not_found}
 * (envoy docs, response_code_details) means that no filter chain takes plaintext; of the addresses
 * in the line, one of the pod's own is the server and the other one is the client. Works for
 * Istio's default text and JSON formats, whatever fields they have besides.
 *
 * @param pod whose sidecar writes
 */
record EnvoyFormat(Pod pod) implements LineFormat {

  private static final String DETAIL = "filter_chain_not_found";

  /** In the text of every line about a request; no connection was refused that got so far. */
  private static final String REQUEST = " HTTP/";

  /** Response code detail, response flag and response code, each a value of its own. */
  private static final Set<String> REFUSED = Set.of(DETAIL, "NR", "0");

  /** Clusters of what comes in: for a port, and for ports that nothing tells of. */
  private static final String INBOUND = "inbound|";

  private static final String PASSTHROUGH = "InboundPassthroughCluster";

  /**
   * As text, the cluster is followed by the upstream's local address, both ends of the connection,
   * and the server name.
   */
  private static final int LOCAL = 2;

  private static final int REMOTE = 3;
  private static final int SERVER_NAME = 4;

  /** How Envoy writes that there was no server name. */
  private static final Set<String> NONE = Set.of("-", "", "null");

  /** Up to the request, which connections have none of. */
  private static final Pattern HTTP = Pattern.compile("[^\"]*\"[^\"]* HTTP/[0-9.]+\"");

  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Whatever the format: there is no telling of a connection without the pod's end of it. */
  @Override
  public boolean tellsOfAConnection(String entry) {
    return pod.addresses().stream().anyMatch(entry::contains)
        && addresses(values(entry)).stream().anyMatch(end -> pod.hasAddress(end.ip()));
  }

  @Override
  public Optional<RefusalLine> refusal(Instant at, String entry) {
    boolean text = !entry.startsWith("{");
    if (!entry.contains(DETAIL) || (text && entry.contains(REQUEST))) {
      return Optional.empty(); // a request was let in, whatever its quotes have been broken by
    }
    List<String> values = values(entry);
    if (!values.containsAll(REFUSED)) {
      return Optional.empty(); // a path or a header that speaks of it
    }
    Address server = null;
    Address client = null;
    for (Address address : addresses(values)) {
      if (pod.hasAddress(address.ip())) {
        server = address;
      } else if (client == null) {
        client = address;
      }
    }
    return server == null || client == null
        ? Optional.empty()
        : Optional.of(new RefusalLine(at, client, server));
  }

  /**
   * Of Istio's default formats alone, as text or JSON and with more fields or fewer: there the
   * cluster tells that a call came in, and the server name of the TLS handshake, which Istio's
   * mutual TLS always gives, that none was made ({@code EnvoyTextLogFormat} in
   * pilot/pkg/model/telemetry_logging.go).
   */
  @Override
  public Optional<PlaintextLine> plaintext(Instant at, String entry) {
    if (!entry.contains(INBOUND) && !entry.contains(PASSTHROUGH)) {
      return Optional.empty();
    }
    return entry.startsWith("{") ? json(at, entry) : text(at, entry);
  }

  private Optional<PlaintextLine> json(Instant at, String entry) {
    JsonNode line = tree(entry);
    if (line == null || !line.has("requested_server_name")) {
      return Optional.empty();
    }
    String protocol = line.path("protocol").asText();
    return plaintext(
        at,
        new Ends(
            line.path("upstream_cluster").asText(),
            line.path("downstream_local_address").asText(),
            line.path("downstream_remote_address").asText(),
            line.path("requested_server_name").asText(),
            protocol.startsWith("HTTP")));
  }

  /** What follows the last quote: nothing there was written by a client that sent plaintext. */
  private Optional<PlaintextLine> text(Instant at, String entry) {
    String[] tail = entry.substring(entry.lastIndexOf('"') + 1).strip().split(" ", -1);
    return tail.length <= SERVER_NAME
        ? Optional.empty()
        : plaintext(
            at,
            new Ends(
                tail[0],
                tail[LOCAL],
                tail[REMOTE],
                tail[SERVER_NAME],
                HTTP.matcher(entry).lookingAt()));
  }

  /** What a line says of a connection, as it is written. */
  private record Ends(
      String cluster, String local, String remote, String serverName, boolean http) {}

  private Optional<PlaintextLine> plaintext(Instant at, Ends ends) {
    Address server = Address.read(ends.local()).orElse(null);
    Address client = Address.read(ends.remote()).orElse(null);
    if (server == null || client == null) {
      return Optional.empty();
    }
    boolean taken =
        incoming(ends.cluster())
            && NONE.contains(ends.serverName())
            && pod.hasAddress(server.ip())
            && !pod.hasAddress(client.ip());
    return taken
        ? Optional.of(new PlaintextLine(at, client, server, ends.http()))
        : Optional.empty();
  }

  private static boolean incoming(String cluster) {
    return cluster.startsWith(INBOUND) || cluster.startsWith(PASSTHROUGH);
  }

  private static List<Address> addresses(List<String> values) {
    return values.stream().flatMap(value -> Address.read(value).stream()).toList();
  }

  private static List<String> values(String entry) {
    if (!entry.startsWith("{")) {
      return unquoted(entry);
    }
    JsonNode line = tree(entry);
    List<String> values = new ArrayList<>();
    if (line != null) {
      line.forEach(value -> values.add(value.asText()));
    }
    return values;
  }

  /** Null when it is not JSON after all, or was cut off by who wrote it. */
  private static @Nullable JsonNode tree(String entry) {
    try {
      return JSON.readTree(entry);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** What a client can write into a line, its path and headers, stands in quotes. */
  private static List<String> unquoted(String entry) {
    return List.of(QUOTED.matcher(entry).replaceAll(" ").split("\\s+", -1));
  }
}
