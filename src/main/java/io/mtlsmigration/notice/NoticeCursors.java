// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import io.mtlsmigration.rollout.RolloutLedger;
import java.util.Optional;

/**
 * Port: keeps the cursors of receivers, so that the next leader goes on where this one was. Both
 * methods may block, and throw {@link RolloutLedger.UnavailableException} when the cursors cannot
 * be read or stored now.
 */
public interface NoticeCursors {

  /**
   * A cursor as stored.
   *
   * @param version for optimistic concurrency; empty when nothing is stored yet
   */
  record Stored(NoticeCursor cursor, String version) {}

  /**
   * Returns the cursor of a receiver; empty when it has none yet.
   *
   * @param receiver a name of letters, digits, dashes, underscores and dots
   */
  Optional<Stored> load(String receiver);

  /**
   * Stores a cursor and returns it with its new version.
   *
   * @param version of the stored cursor that it is based on; empty = there is none
   * @throws RolloutLedger.StaleRecordException when another writer was first
   */
  Stored save(String receiver, NoticeCursor cursor, String version);
}
