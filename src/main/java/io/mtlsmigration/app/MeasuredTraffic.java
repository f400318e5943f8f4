package io.mtlsmigration.app;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.prometheus.PrometheusOptions;
import io.mtlsmigration.prometheus.PrometheusTraffic;
import io.mtlsmigration.traffic.OwnProbes;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Prometheus, as it is configured. */
final class MeasuredTraffic {

  private MeasuredTraffic() {}

  /**
   * Empty when no address is configured.
   *
   * @throws ConfigurationException naming the key that is wrong
   */
  static Optional<PrometheusTraffic> of(
      Settings.Prometheus settings,
      TlsConfigurationRegistry tls,
      Inventory inventory,
      OwnProbes probes,
      Clock clock) {
    return settings
        .url()
        .map(
            url ->
                new PrometheusTraffic(
                    new PrometheusOptions(
                        checked(url),
                        authorization(settings),
                        settings.headers(),
                        context(settings, tls),
                        settings.timeout(),
                        settings.retries(),
                        settings.refresh()),
                    inventory,
                    probes,
                    clock));
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
    if (settings.token().isPresent()) {
      String header = "Bearer " + settings.token().get();
      return () -> header;
    }
    if (settings.tokenFile().isPresent()) {
      Path file = settings.tokenFile().get();
      return () -> "Bearer " + read(file);
    }
    if (settings.username().isPresent()) {
      String pair = settings.username().get() + ":" + settings.password().orElse("");
      String header =
          "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
      return () -> header;
    }
    return null;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("mtls-migration.prometheus.token-file: " + e.getMessage(), e);
    }
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
