package io.mtlsmigration.kubernetes.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of a sidecar's access log that tells of a refused connection.
 *
 * <p>Formats differ from mesh to mesh ({@code accessLogFormat}), so a line is read by what it
 * contains and not by field names: Envoy's response code detail {@code filter_chain_not_found}
 * (envoy docs, response_code_details) means that no filter chain takes plaintext; of the addresses
 * in the line, the pod's own is the server and the other one is the client. Works for Istio's
 * default text and JSON formats, whatever fields they have besides.
 *
 * @param at when the kubelet took the line
 * @param peer IP of the client
 * @param peerPort that the client's connection came from
 * @param port of the server
 */
record RefusalLine(Instant at, String peer, int peerPort, int port) {

  private static final String DETAIL = "filter_chain_not_found";

  /** Response code detail, response flag and response code, each a value of its own. */
  private static final Set<String> REFUSED = Set.of(DETAIL, "NR", "0");

  /** {@code 10.1.2.3:8080} or {@code [2001:db8::1]:8080}. */
  private static final Pattern ADDRESS =
      Pattern.compile(
          "\\[?((?:\\d{1,3}\\.){3}\\d{1,3}|[0-9a-fA-F:]*:[0-9a-fA-F:]+)\\]?:(\\d{1,5})");

  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");

  private static final ObjectMapper JSON = new ObjectMapper();

  private record Address(String ip, int port) {}

  /**
   * Reads a line that begins with the kubelet's time stamp; empty when it tells of no refusal.
   *
   * @param podIp of the pod whose log it is
   */
  static Optional<RefusalLine> read(String line, String podIp) {
    int space = line.indexOf(' ');
    if (space < 0 || !line.contains(DETAIL)) {
      return Optional.empty();
    }
    Instant at;
    try {
      at = Instant.parse(line.substring(0, space));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
    List<String> values = values(line.substring(space + 1));
    if (!values.containsAll(REFUSED)) {
      return Optional.empty(); // a path or a header that speaks of it
    }
    Address server = null;
    Address client = null;
    for (Address address : addresses(values)) {
      if (address.ip().equals(podIp)) {
        server = address;
      } else if (client == null) {
        client = address;
      }
    }
    return server == null || client == null
        ? Optional.empty()
        : Optional.of(new RefusalLine(at, client.ip(), client.port(), server.port()));
  }

  /** The time stamp of any line; empty when it has none. */
  static Optional<Instant> time(String line) {
    int space = line.indexOf(' ');
    try {
      return space < 0 ? Optional.empty() : Optional.of(Instant.parse(line.substring(0, space)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static List<Address> addresses(List<String> values) {
    List<Address> addresses = new ArrayList<>();
    for (String value : values) {
      Matcher m = ADDRESS.matcher(value);
      if (m.matches()) {
        addresses.add(new Address(m.group(1), Integer.parseInt(m.group(2))));
      }
    }
    return addresses;
  }

  private static List<String> values(String entry) {
    if (entry.startsWith("{")) {
      try {
        List<String> values = new ArrayList<>();
        for (JsonNode value : JSON.readTree(entry)) {
          values.add(value.asText());
        }
        return values;
      } catch (JsonProcessingException e) {
        return List.of(); // not JSON after all, or cut off by who wrote it
      }
    }
    // What a client can write into a line, its path and headers, stands in quotes.
    return List.of(QUOTED.matcher(entry).replaceAll(" ").split("\\s+", -1));
  }
}
