// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where {@code e2e/kubernetes/build.sh} has laid the binaries: the system property {@value
 * #PROPERTY}, as {@code make e2e} sets it.
 */
final class Binaries {

  private static final String PROPERTY = "e2e.binaries";

  private Binaries() {}

  /**
   * @throws IllegalStateException saying how to build them
   */
  static Path of(String name) {
    String folder = System.getProperty(PROPERTY, "");
    Path binary = Path.of(folder, name);
    if (folder.isEmpty() || !Files.isExecutable(binary)) {
      throw new IllegalStateException(
          "no "
              + name
              + " in -D"
              + PROPERTY
              + "='"
              + folder
              + "': run make e2e, or set it to the folder that e2e/kubernetes/build.sh prints");
    }
    return binary;
  }
}
