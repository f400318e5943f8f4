// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import java.io.ByteArrayInputStream;
import java.io.IOException;

/** What a pod answers that is asked as a node's ztunnel, after the head. */
public final class ZtunnelDumpFuzz {

  private ZtunnelDumpFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    try {
      ZtunnelDump.read(new ByteArrayInputStream(data), server -> true);
    } catch (IOException e) {
      // Is told, and holds.
    }
  }
}
