// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Service.ServicePort;
import java.util.Locale;
import java.util.Map;

/**
 * The protocol of a port, by Istio's rules: {@code appProtocol}, else the part of the port's name
 * before the first dash (istio pkg/config/kube/conversion.go). An unnamed port speaks HTTP here.
 */
enum PortProtocol {
  HTTP("http"),
  GRPC("grpc"),
  /** TLS between the applications themselves. */
  TLS("tcp"),
  TCP("tcp"),
  /** The server speaks first. */
  SERVER_FIRST("tcp");

  private static final Map<String, PortProtocol> BY_NAME =
      Map.ofEntries(
          Map.entry("http", HTTP),
          Map.entry("http2", HTTP),
          Map.entry("grpc", GRPC),
          Map.entry("https", TLS),
          Map.entry("tls", TLS),
          Map.entry("tcp", TCP),
          Map.entry("mongo", TCP),
          Map.entry("redis", TCP),
          Map.entry("mysql", SERVER_FIRST),
          Map.entry("smtp", SERVER_FIRST),
          Map.entry("ftp", SERVER_FIRST));

  private final String label;

  PortProtocol(String label) {
    this.label = label;
  }

  /** Returns the name used in evidence: {@code http}, {@code grpc} or {@code tcp}. */
  String label() {
    return label;
  }

  boolean speaksHttp() {
    return this == HTTP || this == GRPC;
  }

  static PortProtocol of(ServicePort port) {
    String name = port.appProtocol().isEmpty() ? port.name() : port.appProtocol();
    String lower = name.toLowerCase(Locale.ROOT);
    // kubernetes.io/h2c and its like are HTTP; grpc-web is HTTP too.
    int dash = lower.indexOf('-');
    String prefix = dash < 0 ? lower : lower.substring(0, dash);
    return BY_NAME.getOrDefault(prefix, HTTP);
  }
}
