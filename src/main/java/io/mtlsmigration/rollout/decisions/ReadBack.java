// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.WriteLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Determines whether a snapshot shows the API server's state. Resource versions have no order, and
 * a watch may lag by minutes, hang, or repeat itself: a snapshot that shows another version than
 * the written one may be older or newer. Only the API server can tell.
 */
public final class ReadBack {

  /** The pause between two reads of one object whose answer did not settle it. */
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final Map<ObjectRef, String> confirmed = new HashMap<>();
  private final Map<ObjectRef, Instant> asked = new HashMap<>();

  /**
   * Returns true when the snapshot shows every write of the ledger, or a later state: such as an
   * object that cannot be read, since what this service writes can.
   *
   * @param patience how long a snapshot may lag before the API server is asked
   */
  public boolean shows(
      Collection<LedgerEntry> ledger,
      MeshSnapshot snapshot,
      PolicyWriter api,
      Instant now,
      Duration patience) {
    for (LedgerEntry entry : ledger) {
      PeerAuthentication shown = WriteLedger.find(snapshot, entry.ref());
      if (!WriteLedger.asWritten(entry, shown)
          && !unreadable(snapshot, entry.ref())
          && !version(shown).equals(confirmed.get(entry.ref()))
          && !confirms(entry, shown, api, now, patience)) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether an object is there and could not be read. */
  static boolean unreadable(MeshSnapshot snapshot, ObjectRef ref) {
    NamespaceFacts facts = snapshot.namespace(ref.namespace());
    return facts != null && facts.unreadable().stream().anyMatch(one -> one.ref().equals(ref));
  }

  private boolean confirms(
      LedgerEntry entry,
      @Nullable PeerAuthentication shown,
      PolicyWriter api,
      Instant now,
      Duration patience) {
    Instant last = asked.get(entry.ref());
    if (within(entry.writtenAt(), patience, now) || (last != null && within(last, PAUSE, now))) {
      return false;
    }
    asked.put(entry.ref(), now);
    String live;
    try {
      live = version(api.read(entry.ref()).orElse(null));
    } catch (PolicyWriter.PolicyReadException e) {
      return false;
    }
    if (!live.equals(version(shown))) {
      return false;
    }
    confirmed.put(entry.ref(), live);
    return true;
  }

  /** Returns whether {@code now} is within a time; a clock that was set back delays nothing. */
  private static boolean within(Instant since, Duration time, Instant now) {
    return !now.isBefore(since) && now.isBefore(since.plus(time));
  }

  /** Returns the version of a policy; empty for no object. */
  static String version(@Nullable PeerAuthentication policy) {
    return policy == null ? "" : policy.meta().version();
  }
}
