// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.rollout.LedgerContract;
import io.mtlsmigration.rollout.RolloutLedger;

final class MemoryLedgerTest extends LedgerContract {

  private final MemoryLedger ledger = new MemoryLedger();

  @Override
  protected RolloutLedger ledger() {
    return ledger;
  }
}
