// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.mtlsmigration.hook.HookMeter;
import io.mtlsmigration.hook.HookOptions;
import io.mtlsmigration.hook.HookPace;
import io.mtlsmigration.hook.HookReceiver;
import io.mtlsmigration.hook.HttpHooks;
import io.mtlsmigration.plan.HookTargets;
import io.mtlsmigration.plan.PlanLimits;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** The webhooks of plans as configured. */
final class WebHooks {

  private static final String KEYS = "mtls-migration.hooks.";

  private WebHooks() {}

  /**
   * Produces the hooks, which are also the {@code HookCaller} of the loop.
   *
   * @throws ConfigurationException naming the wrong key
   */
  @Produces
  @Singleton
  static HttpHooks hooks(
      Settings settings,
      PlanLimits limits,
      TlsConfigurationRegistry tls,
      Vertx vertx,
      MeterRegistry meters,
      Clock clock) {
    return new HttpHooks(
        options(settings.hooks(), limits.hookTargets(), tls), vertx, counted(meters), clock);
  }

  /** Creates the hooks at the start, so that a wrong configuration ends the start, not a tick. */
  static void begin(@Observes @Priority(1) StartupEvent started, HttpHooks hooks) {}

  static void close(@Disposes HttpHooks hooks) {
    hooks.close();
  }

  private static HookMeter counted(MeterRegistry meters) {
    return (when, outcome) ->
        Metric.HOOK_CALLS
            .counter(meters, when.name(), outcome.name().toLowerCase(Locale.ROOT))
            .increment();
  }

  /** Returns the allowed targets of hooks: those configured, else the platform's defaults. */
  static HookTargets targets(Settings.Hooks settings, HookTargets otherwise) {
    try {
      return settings.allow().map(HookTargets::allowing).orElse(otherwise);
    } catch (IllegalArgumentException e) {
      throw wrong("allow", String.valueOf(e.getMessage()));
    }
  }

  /** Returns the servers that the service itself calls in a cluster; hooks must not reach them. */
  static List<HookTargets.Needed> needed(Optional<URI> prometheus, URI apiServer) {
    Config config = ConfigProvider.getConfig();
    List<HookTargets.Needed> needed = new ArrayList<>();
    needed.add(HookTargets.Needed.at("the API server", apiServer));
    prometheus.ifPresent(
        url ->
            needed.add(HookTargets.Needed.at("Prometheus (mtls-migration.prometheus.url)", url)));
    for (String key :
        List.of("quarkus.oidc.auth-server-url", "quarkus.oidc.page.auth-server-url")) {
      config
          .getOptionalValue(key, URI.class)
          .ifPresent(url -> needed.add(HookTargets.Needed.at("the OpenID provider", url)));
    }
    return needed;
  }

  static HookOptions options(
      Settings.Hooks settings, HookTargets targets, TlsConfigurationRegistry registry) {
    TlsConfiguration tls = settings.tls().map(name -> tls(name, registry)).orElse(null);
    return new HookOptions(
        targets,
        receivers(settings.receivers()),
        tls == null ? null : tls.getTrustStoreOptions(),
        tls == null ? null : tls.getKeyStoreOptions(),
        "mtls-migration/" + CommandLineOptions.version(),
        positive("connect-timeout", settings.connectTimeout()),
        positive("timeout", settings.timeout()),
        settings.concurrency(),
        new HookPace(
            positive("answer-age", settings.answerAge()),
            positive("refusal-pause", settings.refusalPause()),
            positive("retry-pause", settings.retryPause()),
            positive("longest-pause", settings.longestPause()),
            positive("keep-trying", settings.keepTrying())));
  }

  private static TlsConfiguration tls(String name, TlsConfigurationRegistry registry) {
    TlsConfiguration tls =
        registry.get(name).orElseThrow(() -> wrong("tls", "there is no quarkus.tls." + name));
    if (tls.isTrustAll()) {
      throw wrong("tls", "quarkus.tls." + name + " trusts everybody, and a consent must not");
    }
    return tls;
  }

  /**
   * Returns the receivers in the order of their names, so that the first of two that cover a URL is
   * always the same.
   */
  private static List<HookReceiver> receivers(Map<String, Settings.Receiver> settings) {
    return new TreeMap<>(settings)
        .entrySet().stream().map(e -> receiver(e.getKey(), e.getValue())).toList();
  }

  private static HookReceiver receiver(String name, Settings.Receiver settings) {
    String key = "receivers." + name + ".";
    URI url = settings.url();
    boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!http || url.getHost() == null || url.getRawQuery() != null) {
      throw wrong(key + "url", "expected https://HOST/PATH, got '" + url + "'");
    }
    settings.headers().forEach((header, value) -> sendable(KEYS + key + "headers", header, value));
    return new HookReceiver(
        url, authorization(KEYS + key, settings.token(), settings.tokenFile()), settings.headers());
  }

  /**
   * Returns the value of {@code Authorization}; null when there is none.
   *
   * @param keys the prefix of both keys
   */
  static @Nullable Supplier<String> authorization(
      String keys, Optional<String> token, Optional<Path> tokenFile) {
    if (token.isPresent() && tokenFile.isPresent()) {
      throw new ConfigurationException(keys + "token: excludes token-file");
    }
    if (token.isPresent()) {
      String header = "Bearer " + token.get();
      sendable(keys + "token", "Authorization", header);
      return () -> header;
    }
    return tokenFile.isPresent() ? new TokenFile(keys + "token-file", tokenFile.get()) : null;
  }

  /** Checks a header's value, without printing it, since it may be a secret. */
  static void sendable(String key, String header, String value) {
    try {
      HttpRequest.newBuilder().header(header, value);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(key + ": cannot be sent as header " + header);
    }
  }

  private static Duration positive(String key, Duration value) {
    if (value.toMillis() < 1) {
      throw wrong(key, "expected a millisecond or more, got " + value);
    }
    return value;
  }

  private static ConfigurationException wrong(String key, String what) {
    return new ConfigurationException(KEYS + key + ": " + what);
  }
}
