// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Defaults that depend on where the service runs. Any configuration overrides them; they override
 * the defaults in {@link Settings}.
 */
public final class DeploymentModeDefaults implements ConfigSourceFactory {

  /** Lower than every file, variable and property. */
  private static final int ORDINAL = 10;

  private final Environment environment;

  /** Called by the ServiceLoader. */
  public DeploymentModeDefaults() {
    this(Environment.ofProcess());
  }

  DeploymentModeDefaults(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
    Map<String, String> defaults =
        switch (site(context)) {
          case DeploymentMode.Sandbox ignored -> Map.of();
          case DeploymentMode.Cluster cluster -> ofCluster(cluster);
        };
    return List.of(new PropertiesConfigSource(defaults, "defaults of a cluster", ORDINAL));
  }

  private DeploymentMode site(ConfigSourceContext context) {
    try {
      return DeploymentMode.decide(key -> value(context, key), environment);
    } catch (IllegalArgumentException e) {
      // The platform's start reports it in one line; here nothing would print it.
      return new DeploymentMode.Sandbox();
    }
  }

  private static Optional<String> value(ConfigSourceContext context, String key) {
    ConfigValue value = context.getValue(key);
    return value == null
        ? Optional.empty()
        : Optional.ofNullable(value.getValue()).filter(text -> !text.isBlank());
  }

  private static Map<String, String> ofCluster(DeploymentMode.Cluster cluster) {
    Map<String, String> defaults = new LinkedHashMap<>();
    // An exec costs the API server and the kubelet far more than the sandbox's loopback.
    defaults.put("mtls-migration.probes.interval", "30s");
    // Prometheus counts them like any other plaintext.
    defaults.put("mtls-migration.probes.plaintext", "refused");
    defaults.put("mtls-migration.demo.narrate", "false");
    if (cluster.location() instanceof io.mtlsmigration.kubernetes.ClusterLocation.InPod) {
      defaults.put("mtls-migration.log.json", "true");
    }
    return defaults;
  }
}
