// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.ServerWatch;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to whether a namespace would be locked now.
 *
 * @param servers the time since when each server's silence counts; empty while it is not known
 * @param plaintextAt the earliest time when the plaintext gate can pass, if nobody sends any until
 *     then; null when waiting does not help
 */
public record Readiness(
    Verdict verdict,
    String basis,
    List<GateResult> gates,
    List<ServerWatch> servers,
    @Nullable Instant plaintextAt) {
  public Readiness {
    gates = List.copyOf(gates);
    servers = List.copyOf(servers);
  }

  /** READY when all gates pass; BLOCKED when one fails; INCONCLUSIVE otherwise. */
  public enum Verdict {
    READY,
    BLOCKED,
    INCONCLUSIVE
  }
}
