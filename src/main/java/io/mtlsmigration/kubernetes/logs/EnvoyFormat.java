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

  private static List<Address> addresses(List<String> values) {
    return values.stream().flatMap(value -> Address.read(value).stream()).toList();
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
