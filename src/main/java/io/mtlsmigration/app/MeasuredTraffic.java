// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.prometheus.PrometheusOptions;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Options of Prometheus from the configuration. */
final class MeasuredTraffic {

  private static final String AUTHORIZATION = "Authorization";

  private MeasuredTraffic() {}

  /**
   * Returns the options; empty when no address is configured.
   *
   * @throws ConfigurationException naming the wrong key
   */
  static Optional<PrometheusOptions> options(
      Settings.Prometheus settings, TlsConfigurationRegistry tls) {
    return settings.url().map(url -> options(url, settings, tls));
  }

  private static PrometheusOptions options(
      URI url, Settings.Prometheus settings, TlsConfigurationRegistry tls) {
    settings.headers().forEach((name, value) -> sendable("headers.\"" + name + '"', name, value));
    return new PrometheusOptions(
        checked(url),
        authorization(settings),
        settings.headers(),
        context(settings, tls),
        positive("timeout", settings.timeout()),
        settings.retries(),
        positive("refresh", settings.refresh()),
        InstantSource.system());
  }

  private static Duration positive(String key, Duration value) {
    if (!value.isPositive()) {
      throw wrong(key, "expected more than no time, got " + value);
    }
    return value;
  }

  /** Checks a header's value, without printing it, since it may be a secret. */
  private static void sendable(String key, String header, String value) {
    try {
      HttpRequest.newBuilder().header(header, value);
    } catch (IllegalArgumentException e) {
      throw wrong(key, "cannot be sent as header " + header);
    }
  }

  private static ConfigurationException wrong(String key, String what) {
    return new ConfigurationException("mtls-migration.prometheus." + key + ": " + what);
  }

  private static URI checked(URI url) {
    boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!http || url.getHost() == null) {
      throw new ConfigurationException(
          "mtls-migration.prometheus.url: expected http://HOST or https://HOST, got '" + url + "'");
    }
    return url;
  }

  private static @Nullable Supplier<String> authorization(Settings.Prometheus settings) {
    long ways =
        Stream.of(
                settings.token().isPresent(),
                settings.tokenFile().isPresent(),
                settings.username().isPresent())
            .filter(given -> given)
            .count();
    if (ways > 1) {
      throw new ConfigurationException(
          "mtls-migration.prometheus: token, token-file and username exclude each other");
    }
    if (settings.password().isPresent() && settings.username().isEmpty()) {
      throw wrong("password", "needs mtls-migration.prometheus.username");
    }
    if (settings.token().isPresent()) {
      String header = "Bearer " + settings.token().get();
      sendable("token", AUTHORIZATION, header);
      return () -> header;
    }
    if (settings.tokenFile().isPresent()) {
      return new TokenFile("mtls-migration.prometheus.token-file", settings.tokenFile().get());
    }
    if (settings.username().isPresent()) {
      if (settings.username().get().contains(":")) {
        throw wrong("username", "must have no colon");
      }
      String pair = settings.username().get() + ":" + settings.password().orElse("");
      String header =
          "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
      return () -> header;
    }
    return null;
  }

  private static @Nullable SSLContext context(
      Settings.Prometheus settings, TlsConfigurationRegistry registry) {
    if (settings.tls().isEmpty()) {
      return null;
    }
    String name = settings.tls().get();
    TlsConfiguration configuration =
        registry
            .get(name)
            .orElseThrow(
                () ->
                    new ConfigurationException(
                        "mtls-migration.prometheus.tls: there is no quarkus.tls." + name));
    try {
      return configuration.createSSLContext();
    } catch (Exception e) {
      throw new ConfigurationException(
          "mtls-migration.prometheus.tls: quarkus.tls." + name + ": " + e.getMessage(), e);
    }
  }
}
