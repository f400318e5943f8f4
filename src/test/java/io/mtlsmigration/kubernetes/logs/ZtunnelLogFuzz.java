// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;

/** Lines of ztunnels, and the time before them. */
public final class ZtunnelLogFuzz {

  private static final LineFormat FORMAT = new ZtunnelFormat();

  private ZtunnelLogFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    String entry = new String(data, UTF_8);
    RefusalLine.time(entry);
    FORMAT.tellsOfAConnection(entry);
    FORMAT.refusal(Instant.EPOCH, entry);
    FORMAT.plaintext(Instant.EPOCH, entry);
  }
}
