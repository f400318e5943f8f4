package io.mtlsmigration.kubernetes.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The access log of a ztunnel, which tells of every pod on its node that ambient captures.
 *
 * <p>Source: ztunnel, src/proxy/metrics.rs ({@code connection complete}, target {@code access}) and
 * src/proxy.rs (its errors); as text, values are quoted as Rust quotes them, and with {@code
 * LOG_FORMAT=json} fields stand side by side in one object. For ztunnel STRICT is a policy like
 * others: istiod turns PeerAuthentications into some of these names
 * (pilot/pkg/serviceregistry/kube/controller/ambient/policies.go).
 *
 * <p>Who comes with an identity came by mutual TLS, and is never refused by STRICT. Until 1.23 a
 * rejection tells no policy: those of clients without an identity are taken for STRICT's. A policy
 * that cuts an open connection is not named by any version. STRICT cuts none (seen on a ztunnel of
 * August 2026, where AuthorizationPolicies did).
 */
record ZtunnelFormat() implements LineFormat {

  private static final String COMPLETE = "connection complete";

  /** What stands before the fields of a line of text. */
  private static final String HEAD = "\taccess\t" + COMPLETE + "\t";

  private static final String REJECTED = "connection closed due to policy rejection";
  private static final String NAMED = REJECTED + ": explicitly denied by: ";

  /** The names that istiod gives to what it makes of PeerAuthentications. */
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

  /** ztunnel counts connections; what is spoken on them it does not know. */
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

  /** Fields that ztunnel writes always: a line that has them otherwise is of another ztunnel. */
  @Override
  public boolean doubtful(String entry) {
    if (!entry.contains(COMPLETE)) {
      return false;
    }
    Map<String, String> fields = fields(entry);
    boolean ends =
        Address.read(fields.getOrDefault("src.addr", "")).isPresent()
            && Address.read(fields.getOrDefault("dst.addr", "")).isPresent();
    return anonymous(fields) && letIn(fields) && !ends;
  }

  private static boolean anonymous(Map<String, String> fields) {
    return "inbound".equals(fields.get("direction")) && !fields.containsKey("src.identity");
  }

  /**
   * Whatever became of it then: it may have found nobody who listens, or a drain or a new policy
   * may have ended it. What ztunnel counts as closed without {@code DENY} is the same.
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

  /** Of a connection that has ended; none for any other line. */
  private static Map<String, String> fields(String entry) {
    return entry.startsWith("{") ? json(entry) : text(entry);
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
      return Map.of(); // cut off by who wrote it
    }
  }

  /** Time and level stand before the target, and neither has a field. */
  private static Map<String, String> text(String entry) {
    int head = entry.indexOf(HEAD);
    return head < 0 || entry.lastIndexOf('=', head) >= 0
        ? Map.of()
        : new RustFields(entry, head + HEAD.length()).read();
  }
}
