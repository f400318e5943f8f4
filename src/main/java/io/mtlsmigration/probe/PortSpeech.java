// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.Service.ServicePort;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The protocol that a probe uses on a Service port. Taken from {@code appProtocol}, else from the
 * port's name up to its first dash, as in Istio (pkg/config/kube/conversion.go, {@code
 * ConvertProtocol}); a few other names than Istio's are known here, because an HTTP request causes
 * an alarm in the log of a database.
 */
public enum PortSpeech {
  /** HTTP/1.1 in the clear; also for unknown port names, whose protocol Istio detects itself. */
  HTTP,
  /** HTTP/2 in the clear with prior knowledge: gRPC and h2c. */
  HTTP2,
  /** HTTP between the applications, within their own TLS. */
  HTTPS,
  /** The applications' own TLS with a protocol other than HTTP inside. */
  TLS,
  /** A protocol in the clear other than HTTP, whichever side sends first. */
  TCP,
  /**
   * MySQL's protocol: the server blocks an address after a hundred connections that were closed
   * without a login, and behind a proxy all clients share one (<a
   * href="https://dev.mysql.com/doc/refman/8.4/en/host-cache.html">Host cache</a>).
   */
  NOT_TO_BE_PROBED;

  private static final String GRPC_WEB = "grpc-web";
  private static final int MYSQL_PORT = 3306;

  /** SMTP, DNS, MongoDB: ports on which Istio never detects HTTP. */
  private static final Set<Integer> NEVER_HTTP = Set.of(25, 53, 27_017);

  private static final Map<String, PortSpeech> BY_NAME =
      Map.ofEntries(
          Map.entry("http", HTTP),
          Map.entry("http_proxy", HTTP),
          Map.entry("http2", HTTP2),
          Map.entry("grpc", HTTP2),
          Map.entry("https", HTTPS),
          Map.entry("tls", TLS),
          Map.entry("tcp", TCP),
          Map.entry("mongo", TCP),
          Map.entry("redis", TCP),
          Map.entry("mysql", NOT_TO_BE_PROBED),
          Map.entry("mariadb", NOT_TO_BE_PROBED),
          Map.entry("amqp", TCP),
          Map.entry("amqps", TLS),
          Map.entry("cassandra", TCP),
          Map.entry("cql", TCP),
          Map.entry("dns", TCP),
          Map.entry("ftp", TCP),
          Map.entry("imap", TCP),
          Map.entry("imaps", TLS),
          Map.entry("kafka", TCP),
          Map.entry("ldap", TCP),
          Map.entry("ldaps", TLS),
          Map.entry("memcache", TCP),
          Map.entry("memcached", TCP),
          Map.entry("mqtt", TCP),
          Map.entry("nats", TCP),
          Map.entry("pop3", TCP),
          Map.entry("postgres", TCP),
          Map.entry("postgresql", TCP),
          Map.entry("smtp", TCP),
          Map.entry("ssh", TCP),
          Map.entry("zookeeper", TCP));

  private static final Map<String, PortSpeech> BY_APP_PROTOCOL =
      Map.of("kubernetes.io/h2c", HTTP2, "kubernetes.io/ws", HTTP, "kubernetes.io/wss", HTTPS);

  public static PortSpeech of(ServicePort port) {
    PortSpeech told = told(port);
    return told == null ? HTTP : told;
  }

  /** Returns whether nothing tells the port's protocol, so that Istio detects it. */
  public static boolean guessed(ServicePort port) {
    return port.protocol().equals("TCP") && told(port) == null;
  }

  private static @Nullable PortSpeech told(ServicePort port) {
    PortSpeech known = BY_APP_PROTOCOL.get(port.appProtocol());
    if (known != null) {
      return known;
    }
    String name = port.appProtocol().isEmpty() ? port.name() : port.appProtocol();
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.startsWith(GRPC_WEB)) {
      return HTTP;
    }
    int dash = lower.indexOf('-');
    PortSpeech named = BY_NAME.get(dash < 0 ? lower : lower.substring(0, dash));
    return named == TCP || named == null ? byNumber(port, named) : named;
  }

  private static @Nullable PortSpeech byNumber(ServicePort port, @Nullable PortSpeech otherwise) {
    if (port.port() == MYSQL_PORT || port.targetPort().equals(Integer.toString(MYSQL_PORT))) {
      return NOT_TO_BE_PROBED;
    }
    return NEVER_HTTP.contains(port.port()) ? TCP : otherwise;
  }
}
