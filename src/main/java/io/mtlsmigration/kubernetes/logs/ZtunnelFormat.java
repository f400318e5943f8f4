// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.traffic.LineLoss;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The access log of a ztunnel, which covers every pod on its node that ambient captures.
 *
 * <p>Source: ztunnel, src/proxy/metrics.rs ({@code connection complete}, target {@code access}) and
 * src/proxy.rs (its errors). In text, values are quoted as in Rust, and with {@code
 * LOG_FORMAT=json} the fields are in one flat object. For ztunnel STRICT is a policy like others:
 * istiod converts PeerAuthentications into policies of some fixed names
 * (pilot/pkg/serviceregistry/kube/controller/ambient/policies.go).
 *
 * <p>A client with an identity came by mutual TLS, and is never refused by STRICT. Until 1.23 a
 * rejection names no policy: those of clients without an identity are attributed to STRICT. No
 * version names a policy that cuts an open connection. STRICT cuts none (seen on a ztunnel of
 * August 2026, where AuthorizationPolicies did).
 */
record ZtunnelFormat() implements LineFormat {

  private static final String COMPLETE = "connection complete";

  /** The text before the fields of a line. */
  private static final String HEAD = "\taccess\t" + COMPLETE + "\t";

  private static final String REJECTED = "connection closed due to policy rejection";
  private static final String NAMED = REJECTED + ": explicitly denied by: ";

  /** The names that istiod gives to converted PeerAuthentications. */
  private static final String STATIC = "istio_converted_static_strict";

  private static final String CONVERTED = "converted_peer_authentication_";

  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public boolean tellsOfAConnection(String entry) {
    return fields(entry).containsKey("src.addr");
  }

  @Override
  public Optional<RefusalLine> refusal(Instant at, String entry) {
    if (!entry.contains(REJECTED)) {
      return Optional.empty();
    }
    Map<String, String> fields = fields(entry);
    Address client = Address.read(fields.getOrDefault("src.addr", "")).orElse(null);
    Address server = Address.read(fields.getOrDefault("dst.addr", "")).orElse(null);
    return anonymous(fields) && byStrict(fields.get("error")) && client != null && server != null
        ? Optional.of(new RefusalLine(at, client, server))
        : Optional.empty();
  }

  /** Every call is one connection: ztunnel does not know the protocol on it. */
  @Override
  public Optional<PlaintextLine> plaintext(Instant at, String entry) {
    if (!entry.contains(COMPLETE)) {
      return Optional.empty();
    }
    Map<String, String> fields = fields(entry);
    Address client = Address.read(fields.getOrDefault("src.addr", "")).orElse(null);
    Address server = Address.read(fields.getOrDefault("dst.addr", "")).orElse(null);
    return anonymous(fields) && letIn(fields) && client != null && server != null
        ? Optional.of(new PlaintextLine(at, client, server, false))
        : Optional.empty();
  }

  @Override
  public Optional<LineLoss> doubtOfRefusal(String entry) {
    return entry.contains(REJECTED) && broken(entry, fields(entry))
        ? Optional.of(LineLoss.HIDDEN)
        : Optional.empty();
  }

  /** A plaintext entry may lack the addresses that every known ztunnel writes, or be unreadable. */
  @Override
  public Optional<LineLoss> doubt(String entry) {
    if (!entry.contains(COMPLETE)) {
      return Optional.empty();
    }
    Map<String, String> fields = fields(entry);
    boolean ends =
        Address.read(fields.getOrDefault("src.addr", "")).isPresent()
            && Address.read(fields.getOrDefault("dst.addr", "")).isPresent();
    return (anonymous(fields) && letIn(fields) && !ends) || broken(entry, fields)
        ? Optional.of(LineLoss.HIDDEN)
        : Optional.empty();
  }

  private static boolean anonymous(Map<String, String> fields) {
    return "inbound".equals(fields.get("direction")) && !fields.containsKey("src.identity");
  }

  /**
   * Returns whether the connection was accepted, whatever happened next: no server may have
   * listened, or a drain or a new policy may have ended it. These are the connections that ztunnel
   * counts as closed without {@code DENY}.
   */
  private static boolean letIn(Map<String, String> fields) {
    return !fields.getOrDefault("error", "").startsWith(REJECTED);
  }

  private static boolean byStrict(@Nullable String error) {
    if (error == null) {
      return false;
    }
    if (!error.startsWith(NAMED)) {
      return error.equals(REJECTED);
    }
    int slash = error.indexOf('/', NAMED.length());
    String policy = error.substring(slash + 1);
    return slash > NAMED.length() && (policy.equals(STATIC) || policy.startsWith(CONVERTED));
  }

  /** Returns the fields of a line about an ended connection; none for any other line. */
  private static Map<String, String> fields(String entry) {
    return entry.startsWith("{") ? json(entry) : text(entry);
  }

  /** Returns whether an entry is about an ended connection, and nobody can read of which. */
  private static boolean broken(String entry, Map<String, String> fields) {
    return fields.isEmpty()
        && (entry.startsWith("{")
            ? entry.contains(COMPLETE) && !wellFormed(entry)
            : head(entry) >= 0);
  }

  private static boolean wellFormed(String entry) {
    try {
      JSON.readTree(entry);
      return true;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private static Map<String, String> json(String entry) {
    try {
      JsonNode line = JSON.readTree(entry);
      if (!line.path("scope").asText().equals("access")
          || !line.path("message").asText().equals(COMPLETE)) {
        return Map.of();
      }
      Map<String, String> fields = new HashMap<>();
      for (Map.Entry<String, JsonNode> field : line.properties()) {
        fields.put(field.getKey(), field.getValue().asText());
      }
      return fields;
    } catch (JsonProcessingException e) {
      return Map.of(); // cut off by its writer
    }
  }

  /** Parses a line of text. Time and level come before the target, and have no field names. */
  private static Map<String, String> text(String entry) {
    int head = head(entry);
    return head < 0 ? Map.of() : new RustFields(entry, head + HEAD.length()).read();
  }

  /** Returns where the target of a line about an ended connection begins; -1 in any other line. */
  private static int head(String entry) {
    int head = entry.indexOf(HEAD);
    return entry.lastIndexOf('=', head) >= 0 ? -1 : head;
  }
}
