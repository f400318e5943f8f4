package io.mtlsmigration.app;

import io.mtlsmigration.access.AuthMode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** Finds configurations of access that would be open by mistake. */
final class AccessCheck {

  private AccessCheck() {}

  /**
   * What is wrong, in one line with the remedy.
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

  /** A name counts when all that it stands for does; one that stands for nothing does not. */
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
