// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mtlsmigration.probe.PortSpeech;
import java.nio.ByteBuffer;
import java.util.List;

/** What a curl prints, in a pod that others have built. */
public final class CurlOutputFuzz {

  private CurlOutputFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    for (PortSpeech speech : PortSpeech.values()) {
      CurlOutput output =
          new CurlOutput(new CurlCommand(List.of("--output"), speech, "probe-1f", true));
      output.accept(ByteBuffer.wrap(data));
      output.unfinished();
      output.result(data.length % 130, new String(data, UTF_8));
    }
  }
}
