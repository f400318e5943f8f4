// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Reopening;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The time when a port of a namespace was last seen to change from STRICT to accepting plaintext,
 * whoever changed it, for as long as this process watches: plaintext that STRICT refused was not
 * counted. Before the first look, and in a time of which this process has seen nothing (another one
 * led, or the watch hung), every existing policy may have been STRICT until its last change; a
 * policy that was deleted then cannot be seen.
 */
final class Openings {

  private final Map<String, NamespaceModes> seen = new HashMap<>();
  private final Map<String, Instant> opened = new HashMap<>();
  private final Duration gap;
  private Instant lastSeen = Instant.MIN;

  /**
   * Creates an empty memory.
   *
   * @param gap a longer time between two looks was not watched
   */
  Openings(Duration gap) {
    this.gap = gap;
  }

  /** Checks every namespace; cheap where nothing has changed. */
  @SuppressWarnings("ReferenceEquality") // the same object = nothing changed
  void look(MeshModes modes, Instant now) {
    Instant observed = modes.snapshot().observedAt();
    boolean watched = !Limits.old(lastSeen, gap, observed);
    lastSeen = observed;
    seen.keySet().retainAll(modes.snapshot().namespaces().keySet());
    for (String namespace : modes.snapshot().namespaces().keySet()) {
      NamespaceModes is = modes.namespace(namespace);
      NamespaceModes was = seen.put(namespace, is);
      if (was != null && was != is && Reopening.between(was, is)) {
        opened.put(namespace, now);
      } else if (was == null || !watched) {
        opened.merge(namespace, lastChange(modes, is), (a, b) -> a.isAfter(b) ? a : b);
      }
    }
  }

  private static Instant lastChange(MeshModes modes, NamespaceModes namespace) {
    Instant latest = Instant.EPOCH;
    for (NamespaceFacts facts : List.of(modes.snapshot().root(), namespace.facts())) {
      for (PeerAuthentication policy : facts.peerAuthentications()) {
        Instant changed = policy.meta().specChangedAt();
        latest = changed.isAfter(latest) ? changed : latest;
      }
    }
    return latest;
  }

  /** Returns the time of the last opening; {@link Instant#EPOCH} when none was seen. */
  Instant of(String namespace) {
    return opened.getOrDefault(namespace, Instant.EPOCH);
  }
}
