// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.Service.ServicePort;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The protocol of a Service port: by {@code appProtocol}, else by its name up to the first hyphen,
 * as in Istio (pkg/config/kube/conversion.go).
 */
final class Protocols {

  private static final Set<String> TLS = Set.of("https", "tls");

  /** Protocols in which the server speaks first: the client's first bytes identify nothing. */
  private static final Set<String> SERVER_FIRST =
      Set.of("mysql", "smtp", "imap", "pop3", "ftp", "ssh");

  /** Ports that Istio takes for one of these by default. */
  private static final Set<Integer> SERVER_FIRST_PORTS = Set.of(25, 3306);

  private Protocols() {}

  /** Returns true for the application's own TLS. */
  static boolean tls(ServicePort port) {
    return TLS.contains(declared(port));
  }

  static boolean serverFirst(ServicePort port) {
    String declared = declared(port);
    if (declared.isEmpty() || declared.equals("tcp")) {
      return SERVER_FIRST_PORTS.contains(port.port())
          || words(port.name()).stream().anyMatch(SERVER_FIRST::contains);
    }
    return SERVER_FIRST.contains(declared);
  }

  private static String declared(ServicePort port) {
    String protocol = port.appProtocol().isEmpty() ? port.name() : port.appProtocol();
    List<String> words = words(protocol);
    return words.isEmpty() ? "" : words.get(0);
  }

  private static List<String> words(String name) {
    return List.of(name.toLowerCase(Locale.ROOT).split("-"));
  }
}
