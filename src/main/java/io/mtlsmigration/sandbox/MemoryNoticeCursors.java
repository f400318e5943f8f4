// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.notice.NoticeCursor;
import io.mtlsmigration.notice.NoticeCursors;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The cursors of the sandbox's notices: in memory, as its ledger is. */
public final class MemoryNoticeCursors implements NoticeCursors {

  private final Map<String, Stored> cursors = new HashMap<>();
  private long lastVersion;

  @Override
  public synchronized Optional<Stored> load(String receiver) {
    return Optional.ofNullable(cursors.get(receiver));
  }

  @Override
  public synchronized Stored save(String receiver, NoticeCursor cursor, String version) {
    Stored held = cursors.get(receiver);
    if (!version.equals(held == null ? "" : held.version())) {
      throw new StaleRecordException("the cursor of " + receiver + " has moved");
    }
    Stored next = new Stored(cursor, Long.toString(++lastVersion));
    cursors.put(receiver, next);
    return next;
  }
}
