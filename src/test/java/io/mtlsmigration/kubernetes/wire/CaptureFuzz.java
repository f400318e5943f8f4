// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Set;
import java.util.TreeSet;

/** What tcpdump prints, be it a capture or a complaint. */
public final class CaptureFuzz {

  private CaptureFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    PcapReader.isCapture(data);
    PcapReader.read(data, new TreeSet<>(Set.of(8080)));
    String complaint = new String(data, UTF_8);
    CaptureErrors.missSudo(complaint);
    CaptureErrors.dropped(complaint);
    CaptureErrors.understood(complaint, "istio-proxy");
  }
}
