package io.mtlsmigration.app;

import io.mtlsmigration.access.AuthMode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Finds configurations of access that would be open by mistake, or shut. */
final class AccessCheck {

  /** Keys of which one says who checks tokens. */
  private static final List<String> PROVIDERS =
      List.of("quarkus.oidc.auth-server-url", "quarkus.oidc.provider", "quarkus.oidc.public-key");

  private AccessCheck() {}

  /**
   * What is wrong, in one line with the remedy.
   *
   * @param host that the API listens on
   * @param openId whether OpenID is switched on, and a provider named
   * @param login whether people may sign in on the page
   */
  static Optional<String> problem(AuthMode mode, String host, boolean openId, boolean login) {
    if (mode == AuthMode.NONE && !isLoopback(host)) {
      return Optional.of(
          "mtls-migration.auth.mode=none is for loopback only, and quarkus.http.host is "
              + host
              + ": set quarkus.http.host=127.0.0.1, or mtls-migration.auth.mode to kubernetes or"
              + " oidc");
    }
    if (mode == AuthMode.OIDC && !openId) {
      return Optional.of(
          "mtls-migration.auth.mode=oidc needs quarkus.oidc.tenant-enabled=true and"
              + " quarkus.oidc.auth-server-url");
    }
    if (mode != AuthMode.OIDC && login) {
      return Optional.of(
          "quarkus.oidc.page.tenant-enabled=true lets people sign in for a token that"
              + " mtls-migration.auth.mode="
              + mode.name().toLowerCase(Locale.ROOT)
              + " does not take: set mtls-migration.auth.mode=oidc");
    }
    return Optional.empty();
  }

  /**
   * Whether there is anything by which OpenID could check a token. Without it the extension turns
   * itself off and says nothing, and every token is refused.
   */
  static boolean namesProvider(Function<String, Optional<String>> configuration) {
    return PROVIDERS.stream()
        .anyMatch(key -> configuration.apply(key).filter(value -> !value.isBlank()).isPresent());
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
