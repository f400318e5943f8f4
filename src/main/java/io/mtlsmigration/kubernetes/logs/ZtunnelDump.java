// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.mtlsmigration.kubernetes.forward.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the open connections in ztunnel's admin page {@code /config_dump}: {@code
 * workloadState.UID.connections.inbound[]}, as shown by {@code istioctl ztunnel-config
 * connections}. Source: ztunnel src/inpod/admin.rs and src/proxy/connection_manager.rs ({@code
 * InboundConnectionDump}).
 */
final class ZtunnelDump {

  /** The port of ztunnel's {@code ADMIN_ADDR}, on its own host only. */
  static final int PORT = 15000;

  static final String PATH = "/config_dump";

  /**
   * The maximum number of connections to one address; with more, the targets at this address are
   * not reported.
   */
  static final int MOST = 1_000;

  private static final JsonFactory JSON = new JsonFactory();

  private final JsonParser parser;
  private final Predicate<String> servers;
  private final Map<String, Set<Held>> held = new HashMap<>();

  private ZtunnelDump(JsonParser parser, Predicate<String> servers) {
    this.parser = parser;
    this.servers = servers;
  }

  /** An open connection without mutual TLS. */
  record Held(Address client, Address server) {}

  /**
   * Reads the open plaintext connections.
   *
   * @param servers accepts relevant addresses
   * @return by the server's address; more than {@link #MOST} where there are more, which are then
   *     not all of them
   * @throws IOException when the page is malformed, incomplete, or too long
   */
  static Map<String, Set<Held>> read(InputStream json, Predicate<String> servers)
      throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      ZtunnelDump dump = new ZtunnelDump(parser, servers);
      parser.nextToken();
      dump.page();
      return dump.held;
    }
  }

  private void page() throws IOException {
    boolean told = false;
    for (String field = begin(); field != null; field = next()) {
      if (field.equals("workloadState")) {
        told = true;
        for (String uid = begin(); uid != null; uid = next()) {
          workload();
        }
      } else {
        parser.skipChildren();
      }
    }
    if (!told) {
      throw new FormatException("it says nothing of workloadState");
    }
  }

  private void workload() throws IOException {
    for (String field = begin(); field != null; field = next()) {
      if (field.equals("connections") && parser.currentToken() == JsonToken.START_OBJECT) {
        connections();
      } else {
        parser.skipChildren();
      }
    }
  }

  private void connections() throws IOException {
    for (String field = begin(); field != null; field = next()) {
      if (field.equals("inbound") && parser.currentToken() == JsonToken.START_ARRAY) {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          connection();
        }
      } else {
        parser.skipChildren();
      }
    }
  }

  private void connection() throws IOException {
    String client = "";
    String server = "";
    String protocol = "";
    for (String field = begin(); field != null; field = next()) {
      switch (field) {
        case "src" -> client = text();
        case "actualDst" -> server = text();
        case "protocol" -> protocol = text();
        default -> parser.skipChildren();
      }
    }
    Optional<Address> from = Address.read(client);
    Optional<Address> to = Address.read(server);
    if (protocol.equals("TCP")
        && from.isPresent()
        && to.isPresent()
        && servers.test(to.get().ip())) {
      Set<Held> there = held.computeIfAbsent(to.get().ip(), ip -> new HashSet<>());
      if (there.size() <= MOST) {
        there.add(new Held(from.get(), to.get()));
      }
    }
  }

  private String text() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return parser.getText();
    }
    parser.skipChildren();
    return "";
  }

  /** Returns the first field of the object that begins here; null when it has none. */
  private @Nullable String begin() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new FormatException("something in it is no object");
    }
    return next();
  }

  /** Returns the next field, whose value is the current token; null at the object's end. */
  private @Nullable String next() throws IOException {
    String field = parser.nextFieldName();
    if (field == null) {
      if (parser.currentToken() != JsonToken.END_OBJECT) {
        throw new FormatException("it is cut off");
      }
      return null;
    }
    parser.nextToken();
    return field;
  }
}
