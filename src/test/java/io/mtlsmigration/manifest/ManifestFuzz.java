// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;

/** Manifests of whoever uploads some. */
public final class ManifestFuzz {

  private ManifestFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) throws IOException {
    try {
      Manifests read =
          ManifestReader.read(new ByteArrayInputStream(data), "upload", ReadLimits.DEFAULT);
      new FactsReader(Templates.IGNORED).read(read, Instant.EPOCH);
      new FactsReader(Templates.AS_PODS).read(read, Instant.EPOCH);
    } catch (ManifestException e) {
      // as it says
    }
  }
}
