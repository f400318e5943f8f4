// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.nativeimage;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Registrations that reach too far show in the size of a native binary before they show else. */
@Tag("packaged")
final class BinarySizeIT {

  /** Bytes: a little more than the first one that worked (GraalVM 25, amd64, 170 MB). */
  private static final long MOST = 180_000_000;

  @Test
  void isThatOfTheFirstOneAtMost() throws IOException {
    String binary = System.getProperty("native.image.path", "");
    assumeFalse(binary.isEmpty(), "it is a jar");
    long size = Files.size(Path.of(binary));
    assertTrue(size <= MOST, binary + " has " + size + " bytes, and " + MOST + " were expected");
  }
}
