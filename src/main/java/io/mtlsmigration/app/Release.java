// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The release that runs, as the build has noted it (profile {@code commit} in pom.xml).
 *
 * @param version {@code (development)} when it is not packaged
 * @param commit that it was built from, in full; null when it was built without a repository
 */
record Release(String version, @Nullable String commit) {

  private static final String NOTED = "/release.properties";

  static Release ofThisProgram() {
    try (InputStream noted = Release.class.getResourceAsStream(NOTED)) {
      Properties properties = new Properties();
      if (noted != null) {
        properties.load(noted);
      }
      return of(properties);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Release of(Properties noted) {
    String packaged = Release.class.getPackage().getImplementationVersion();
    return new Release(
        Optional.ofNullable(noted.getProperty("git.build.version", packaged))
            .orElse("(development)"),
        noted.getProperty("git.commit.id"));
  }

  /** For one line of text. */
  @Override
  public String toString() {
    return commit == null ? version : version + " (" + commit + ")";
  }
}
