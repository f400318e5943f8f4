// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.access.AuthMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Detects invalid configurations of OpenID before the extension does, which names other keys, or
 * none, or starts all the same.
 */
final class OpenIdCheck {

  private static final String ENABLED = "quarkus.oidc.tenant-enabled";
  private static final String SERVER = "quarkus.oidc.auth-server-url";
  private static final String PAGE = "quarkus.oidc.page.";
  private static final String LOGIN = PAGE + "tenant-enabled";

  /** Keys of which one has to name the issuer of tokens. */
  private static final List<String> PROVIDERS =
      List.of(SERVER, "quarkus.oidc.provider", "quarkus.oidc.public-key");

  /** Keys of which one has to name the provider for logins. */
  private static final List<String> LOGIN_PROVIDERS =
      List.of(PAGE + "auth-server-url", PAGE + "provider");

  /** Keys of encryption secrets; the extension derives 256 bits from a secret of any length. */
  private static final List<String> SECRETS =
      List.of(PAGE + "token-state-manager.encryption-secret", PAGE + "authentication.state-secret");

  private static final int SHORTEST_SECRET = 32;

  private OpenIdCheck() {}

  /**
   * Returns the problem in one line with the remedy.
   *
   * @param configuration the value of a key; empty when there is none, or a blank one
   */
  static Optional<String> problem(AuthMode mode, Function<String, Optional<String>> configuration) {
    boolean login = isOn(LOGIN, configuration);
    if (mode != AuthMode.OIDC) {
      return login ? Optional.of(unwanted(mode)) : Optional.empty();
    }
    if (!isOn(ENABLED, configuration) || !names(PROVIDERS, configuration)) {
      return Optional.of("mtls-migration.auth.mode=oidc needs " + ENABLED + "=true and " + SERVER);
    }
    Stream<Optional<String>> ofTokens = Stream.of(address(SERVER, configuration));
    Stream<Optional<String>> ofLogin = login ? login(configuration) : Stream.of();
    return Stream.concat(ofTokens, ofLogin).flatMap(Optional::stream).findFirst();
  }

  private static Stream<Optional<String>> login(Function<String, Optional<String>> configuration) {
    return Stream.concat(
        Stream.of(
            names(List.of(PAGE + "client-id"), configuration)
                ? Optional.empty()
                : Optional.of(
                    LOGIN
                        + "=true needs "
                        + PAGE
                        + "client-id: the client that the OpenID provider knows the page as"),
            names(LOGIN_PROVIDERS, configuration)
                ? Optional.empty()
                : Optional.of(LOGIN + "=true needs " + SERVER + ", or " + LOGIN_PROVIDERS.get(0)),
            address(PAGE + "auth-server-url", configuration)),
        SECRETS.stream().map(key -> secret(key, configuration)));
  }

  private static String unwanted(AuthMode mode) {
    return LOGIN
        + "=true lets people sign in for a token that mtls-migration.auth.mode="
        + mode.name().toLowerCase(Locale.ROOT)
        + " does not take: set mtls-migration.auth.mode=oidc";
  }

  private static boolean isOn(String key, Function<String, Optional<String>> configuration) {
    return configuration.apply(key).map(Boolean::parseBoolean).orElse(false);
  }

  private static boolean names(
      List<String> keys, Function<String, Optional<String>> configuration) {
    return keys.stream().anyMatch(key -> configuration.apply(key).isPresent());
  }

  private static Optional<String> address(
      String key, Function<String, Optional<String>> configuration) {
    return configuration
        .apply(key)
        .filter(value -> !isAddress(value))
        .map(
            value ->
                key
                    + "="
                    + value
                    + " is no address of an OpenID provider: give a URL, such as"
                    + " https://id.example/realms/main");
  }

  private static boolean isAddress(String value) {
    try {
      URI uri = new URI(value);
      return uri.getHost() != null
          && ("https".equalsIgnoreCase(uri.getScheme())
              || "http".equalsIgnoreCase(uri.getScheme()));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** Returns the problem of a secret, without printing the secret. */
  private static Optional<String> secret(
      String key, Function<String, Optional<String>> configuration) {
    return configuration
        .apply(key)
        .map(value -> value.getBytes(StandardCharsets.UTF_8).length)
        .filter(length -> length < SHORTEST_SECRET)
        .map(
            length ->
                "%s has %s bytes, and needs %s at the least: make one with openssl rand -base64 32"
                    .formatted(key, length, SHORTEST_SECRET));
  }
}
