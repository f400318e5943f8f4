package io.mtlsmigration.kubernetes.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
 * rejection tells no policy, and one that cuts an open connection never does: those of clients
 * without an identity are taken for STRICT's.
 */
record ZtunnelFormat() implements LineFormat {

  private static final String COMPLETE = "connection complete";
  private static final String CHANGED = "connection closed due to policy change";
  private static final String REJECTED = "connection closed due to policy rejection";
  private static final String NAMED = REJECTED + ": explicitly denied by: ";

  /** {@code namespace/name} of what istiod makes of a PeerAuthentication. */
  private static final Pattern STRICT =
      Pattern.compile("[^/]+/(istio_converted_static_strict|converted_peer_authentication_.*)");

  private static final Pattern FIELD =
      Pattern.compile("([a-z_.]+)=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+))");

  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public boolean tellsOfAConnection(String entry) {
    return entry.contains("src.addr") && entry.contains("access");
  }

  @Override
  public Optional<RefusalLine> refusal(Instant at, String entry) {
    if (!entry.contains(REJECTED) && !entry.contains(CHANGED)) {
      return Optional.empty();
    }
    Map<String, String> fields = entry.startsWith("{") ? json(entry) : text(entry);
    boolean counts =
        "inbound".equals(fields.get("direction"))
            && !fields.containsKey("src.identity")
            && byStrict(fields.get("error"));
    Address client = Address.read(fields.getOrDefault("src.addr", "")).orElse(null);
    Address server = Address.read(fields.getOrDefault("dst.addr", "")).orElse(null);
    return counts && client != null && server != null
        ? Optional.of(new RefusalLine(at, client, server))
        : Optional.empty();
  }

  /** ztunnel counts connections; what is spoken on them it does not know. */
  @Override
  public Optional<PlaintextLine> plaintext(Instant at, String entry) {
    if (!entry.contains(COMPLETE)) {
      return Optional.empty();
    }
    Map<String, String> fields = entry.startsWith("{") ? json(entry) : text(entry);
    boolean taken =
        "inbound".equals(fields.get("direction"))
            && !fields.containsKey("src.identity")
            && !fields.containsKey("error");
    Address client = Address.read(fields.getOrDefault("src.addr", "")).orElse(null);
    Address server = Address.read(fields.getOrDefault("dst.addr", "")).orElse(null);
    return taken && client != null && server != null
        ? Optional.of(new PlaintextLine(at, client, server, false))
        : Optional.empty();
  }

  private static boolean byStrict(@Nullable String error) {
    if (error == null) {
      return false;
    }
    return error.startsWith(NAMED)
        ? STRICT.matcher(error.substring(NAMED.length())).matches()
        : error.equals(REJECTED) || error.equals(CHANGED);
  }

  private static Map<String, String> json(String entry) {
    Map<String, String> fields = new HashMap<>();
    try {
      for (Map.Entry<String, JsonNode> field : JSON.readTree(entry).properties()) {
        fields.put(field.getKey(), field.getValue().asText());
      }
    } catch (JsonProcessingException e) {
      return Map.of(); // cut off by who wrote it
    }
    return fields;
  }

  private static Map<String, String> text(String entry) {
    Map<String, String> fields = new HashMap<>();
    Matcher m = FIELD.matcher(entry);
    while (m.find()) {
      fields.put(m.group(1), m.group(2) == null ? m.group(3) : m.group(2));
    }
    return fields;
  }
}
