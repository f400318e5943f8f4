// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * A bearer token in a file, read again each time because it may be rotated.
 *
 * @param key of the configuration that names the file
 */
record TokenFile(String key, Path file) implements Supplier<String> {

  /**
   * Checks the file once.
   *
   * @throws ConfigurationException when it cannot be read
   */
  TokenFile {
    if (!Files.isReadable(file)) {
      throw new ConfigurationException(key + ": cannot be read: " + file);
    }
  }

  /**
   * Returns the value of the header {@code Authorization}.
   *
   * @throws UncheckedIOException when there is no token in it (any more)
   */
  @Override
  public String get() {
    try {
      String token = Files.readString(file).strip();
      if (token.isEmpty() || token.chars().anyMatch(Character::isISOControl)) {
        throw new IOException("no token in " + file);
      }
      return "Bearer " + token;
    } catch (IOException e) {
      throw new UncheckedIOException(key + " cannot be read: " + e.getMessage(), e);
    }
  }
}
