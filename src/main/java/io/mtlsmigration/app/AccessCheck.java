// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.access.AuthMode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** Detects access configurations that would be open by mistake. */
final class AccessCheck {

  private AccessCheck() {}

  /**
   * Returns the problem in one line with the remedy.
   *
   * @param host that the API listens on
   */
  static Optional<String> problem(AuthMode mode, String host) {
    return mode == AuthMode.NONE && !isLoopback(host)
        ? Optional.of(
            "mtls-migration.auth.mode=none is for loopback only, and quarkus.http.host is "
                + host
                + ": set quarkus.http.host=127.0.0.1, or mtls-migration.auth.mode to kubernetes or"
                + " oidc")
        : Optional.empty();
  }

  /** Returns whether all addresses of a name are loopback; false for a name without addresses. */
  static boolean isLoopback(String host) {
    if (host.isBlank()) {
      return false;
    }
    try {
      for (InetAddress address : InetAddress.getAllByName(host.strip())) {
        if (!address.isLoopbackAddress()) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
