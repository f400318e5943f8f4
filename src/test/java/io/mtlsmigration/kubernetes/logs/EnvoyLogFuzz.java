// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.mtlsmigration.mesh.AccessLogFormats;
import io.mtlsmigration.mesh.Pod;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Lines, formats, and what clients by mutual TLS write into lines of Istio's own formats. */
public final class EnvoyLogFuzz {

  private static final Instant AT = Instant.EPOCH;
  private static final Pod POD = sidecarPod("httpbin").ip("10.244.0.4").build("foo");
  private static final LineFormat ISTIO =
      new EnvoyFormat(POD, EnvoyLayouts.of(AccessLogFormats.ISTIO));

  private EnvoyLogFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    String text = new String(data, UTF_8);
    read(ISTIO, text);
    int end = text.indexOf('\n');
    if (end >= 0) {
      AccessLogFormats own =
          new AccessLogFormats(List.of(text.substring(0, end)), Map.of("a", text));
      read(new EnvoyFormat(POD, EnvoyLayouts.of(own)), text.substring(end + 1));
    }
    forge(Arrays.copyOf(text.split("\n", -1), 6));
  }

  private static void read(LineFormat format, String entry) {
    format.tellsOfAConnection(entry);
    format.refusal(AT, entry);
    format.plaintext(AT, entry);
  }

  /** A call by mutual TLS, of which the client writes six values, is neither. */
  private static void forge(String[] written) {
    String entry =
        "[2026-11-25T03:51:33.661Z] \"%s %s HTTP/2\" 200 - via_upstream - \"-\" 0 33 1 0 \"%s\" \"%s\""
                .formatted(written[0], written[1], written[2], written[3])
            + " \"%s\" \"%s\" \"10.244.0.4:8080\" inbound|8080|| 127.0.0.6:33145"
                .formatted(written[4], written[5])
            + " 10.244.0.4:8080 10.244.0.8:38330 outbound_.8000_._.httpbin.foo default";
    if (ISTIO.refusal(AT, entry).isPresent() || ISTIO.plaintext(AT, entry).isPresent()) {
      throw new AssertionError("a client has written evidence: " + entry);
    }
  }
}
