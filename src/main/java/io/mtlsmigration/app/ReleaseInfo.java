// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.quarkus.info.runtime.spi.InfoContributor;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.TreeMap;

/**
 * Of {@code /q/info}: what runs. Quarkus' own entry has the time of the build in it, which would
 * make each build another.
 */
@Singleton
final class ReleaseInfo implements InfoContributor {

  @Override
  public String name() {
    return "build";
  }

  @Override
  public Map<String, Object> data() {
    Release release = Release.ofThisProgram();
    Map<String, Object> data = new TreeMap<>(Map.of("version", release.version()));
    if (release.commit() != null) {
      data.put("commit", release.commit());
    }
    return data;
  }
}
