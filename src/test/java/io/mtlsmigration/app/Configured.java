// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;

/** Settings as their defaults and a few keys make them, without Quarkus. */
final class Configured {

  private Configured() {}

  static Settings with(Map<String, String> keys) {
    return config(keys).getConfigMapping(Settings.class);
  }

  /** What these settings are read from. */
  static SmallRyeConfig config(Map<String, String> keys) {
    return new SmallRyeConfigBuilder()
        .withMapping(Settings.class)
        .withSources(new PropertiesConfigSource(keys, "test", 500))
        .addDiscoveredConverters()
        .build();
  }
}
