// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import io.mtlsmigration.mtls.ClientTls;
import java.time.Instant;
import java.util.Set;

/** Cells of probes that were made, or could have been. */
public final class Cells {

  private Cells() {}

  public static Cell made(
      String from,
      String to,
      String endpoint,
      String serverPod,
      boolean meshClient,
      ProbeOutcome outcome,
      int httpCode,
      int exitCode,
      ProbeOutcome expected,
      long latencyMs,
      Instant checkedAt,
      String detail,
      ClientTls clientTls) {
    return new Cell(
        from,
        to,
        endpoint,
        serverPod,
        meshClient,
        outcome,
        httpCode,
        exitCode,
        expected,
        latencyMs,
        checkedAt,
        detail,
        clientTls,
        false,
        false,
        Set.of(),
        "",
        "");
  }
}
