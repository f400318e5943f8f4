// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.mtlsmigration.kubernetes.forward.FormatException;
import io.mtlsmigration.kubernetes.istiod.Shown.State;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.function.Consumer;

/**
 * Reads istiod's {@code /debug/syncz} (pilot/pkg/xds/debug.go, {@code SyncStatus}): an array with
 * an object for each connection. For each type it has the nonces that were sent and acknowledged:
 * in {@code resources}, by type URL and with the last error; in releases without that, in {@code
 * listener_sent}, {@code listener_acked} and the like, where a rejection looks like a pending
 * answer. A field that would be empty is left out.
 *
 * <p>The status of a type follows {@code istioctl proxy-status} (pilot/pkg/xds/statusgen.go, {@code
 * debugSyncStatus}), in this order:
 *
 * <ul>
 *   <li>IGNORED when it is missing: the proxy does not request it.
 *   <li>ERROR when there is an error: the proxy rejected the last response and keeps its previous
 *       one. An acknowledgement clears it.
 *   <li>NOT SENT when nothing was sent: the proxy has just connected, or there is nothing to send.
 *   <li>SYNCED when the nonce sent is the one acknowledged.
 *   <li>STALE otherwise: the answer is outstanding, for a millisecond or for ever.
 * </ul>
 *
 * <p>A sidecar is judged by its listeners only. They alone decide whether plaintext is accepted,
 * and the other types are nearly always on their way to some proxy of a large mesh. A ztunnel,
 * which has no listeners, is judged by everything it requests.
 */
final class SyncPage {

  private static final JsonFactory JSON = new JsonFactory();

  private static final String LISTENERS = "type.googleapis.com/envoy.config.listener.v3.Listener";
  private static final String ZTUNNEL = "ztunnel";

  private final JsonParser parser;

  private String lastMade = "";
  private Instant lastMadeAt = Instant.EPOCH;

  private SyncPage(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * A proxy's connection to this istiod.
   *
   * @param proxy {@code pod.namespace}
   * @param type {@code sidecar}, {@code router}, {@code waypoint}, {@code ztunnel} …
   * @param cluster istiod's name for it
   * @param detailed true when {@code resources} is present
   */
  record Connection(String proxy, String type, String cluster, Shown shown, boolean detailed) {
    boolean ztunnel() {
      return type.equals(ZTUNNEL);
    }
  }

  /** The nonces and the error of one type. */
  private record Ack(String sent, String acked, String sentTime, String error) {
    static final Ack NONE = new Ack("", "", "", "");

    boolean follows() {
      return error.isEmpty() && !sent.isEmpty() && sent.equals(acked);
    }

    boolean notSent() {
      return error.isEmpty() && sent.isEmpty();
    }
  }

  /**
   * Hands out the connections one by one.
   *
   * @throws IOException when the page is malformed or incomplete
   */
  static void read(InputStream json, Consumer<Connection> each) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new FormatException("it is no array");
      }
      SyncPage page = new SyncPage(parser);
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        each.accept(page.connection());
      }
      if (parser.currentToken() != JsonToken.END_ARRAY) {
        throw new FormatException("it holds something that is no proxy");
      }
    }
  }

  private Connection connection() throws IOException {
    String proxy = "";
    String type = "";
    String cluster = "";
    String sent = "";
    String acked = "";
    Resources resources = new Resources();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "proxy" -> proxy = text();
        case "proxy_type" -> type = text();
        case "cluster_id" -> cluster = text();
        case "listener_sent" -> sent = text();
        case "listener_acked" -> acked = text();
        case "resources" -> resources.read();
        default -> parser.skipChildren();
      }
    }
    if (!resources.asksForListeners && !(sent.isEmpty() && acked.isEmpty())) {
      resources.listeners = new Ack(sent, acked, "", "");
      resources.asksForListeners = true;
    }
    Shown shown = type.equals(ZTUNNEL) ? resources.everything() : resources.onlyListeners();
    return new Connection(proxy, type, cluster, shown, resources.present);
  }

  private String text() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return parser.getText();
    }
    parser.skipChildren();
    return "";
  }

  /** The resources of one connection. */
  private final class Resources {
    private boolean present;
    private Ack listeners = Ack.NONE;
    private boolean asksForListeners;
    private boolean someFollow;
    private boolean someBehind;

    void read() throws IOException {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        return;
      }
      present = true;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean ofListeners = parser.currentName().equals(LISTENERS);
        parser.nextToken();
        Ack ack = ack();
        if (ofListeners) {
          listeners = ack;
          asksForListeners = true;
        }
        someFollow |= ack.follows();
        someBehind |= !ack.follows() && !ack.notSent();
      }
    }

    private Ack ack() throws IOException {
      String sent = "";
      String acked = "";
      String sentTime = "";
      String error = "";
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        parser.skipChildren();
        return Ack.NONE;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "sent" -> sent = text();
          case "acked" -> acked = text();
          case "sentTime" -> sentTime = text();
          case "lastError" -> error = text();
          default -> parser.skipChildren();
        }
      }
      return new Ack(sent, acked, sentTime, error);
    }

    Shown onlyListeners() {
      if (!asksForListeners) {
        return Shown.ABSENT;
      }
      return listeners.follows()
          ? new Shown(State.FOLLOWS, madeAt(listeners))
          : new Shown(State.BEHIND, Instant.EPOCH);
    }

    Shown everything() {
      if (someBehind) {
        return new Shown(State.BEHIND, Instant.EPOCH);
      }
      return someFollow ? new Shown(State.FOLLOWS, Instant.EPOCH) : Shown.ABSENT;
    }
  }

  /**
   * Returns when the acknowledged configuration was made. A nonce begins with the version of the
   * push: the time at which istiod began to gather its state, in whole seconds, and a number
   * ({@code 2026-08-27T12:45:20Z/15} and a UUID; pilot/pkg/xds/discovery.go, {@code NextVersion}).
   * This is preferred to the time of sending: a push may have waited in istiod's queue since before
   * a change.
   */
  private Instant madeAt(Ack ack) {
    int slash = ack.acked.indexOf('/');
    String made = slash < 0 ? ack.sentTime : ack.acked.substring(0, slash);
    if (!made.equals(lastMade)) { // one push reaches thousands of proxies
      lastMade = made;
      try {
        lastMadeAt = OffsetDateTime.parse(made).toInstant();
      } catch (DateTimeParseException e) {
        lastMadeAt = Instant.EPOCH;
      }
    }
    return lastMadeAt;
  }
}
