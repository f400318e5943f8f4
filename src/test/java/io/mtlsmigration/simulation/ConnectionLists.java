// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.kubernetes.logs.HeldConnectionReader;
import io.mtlsmigration.traffic.ConnectionRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The lists of connections that one process has read; where gates ask, it goes on reading. */
final class ConnectionLists implements ConnectionRecord {

  /** Between two lists, while there are not two of each pod. */
  private static final long SOON = 31;

  /** The same afterwards. */
  private static final long OFTEN = 121;

  /** Longer than the pause between two ticks, which are sparse here. */
  private static final long INTEREST = 2 * 3600;

  private final World world;
  private final Replica replica;
  private final HeldConnectionReader reader;
  private final Map<String, Asked> asked = new HashMap<>();

  /** Whether the next look is on the agenda. */
  private boolean begun;

  private record Asked(long at, boolean soon) {}

  ConnectionLists(World world, Replica replica) {
    this.world = world;
    this.replica = replica;
    this.reader =
        new HeldConnectionReader(
            world.logs.source(replica),
            (pod, wanted) -> world.streams.list(pod),
            Duration.ofSeconds(30),
            replica.clock());
  }

  @Override
  public Reading read() {
    Reading known = reader.read();
    return new Reading() {
      @Override
      public boolean any(String namespace) {
        return known.any(namespace);
      }

      @Override
      public ConnectionRecord.Connections of(String namespace) {
        return known.of(namespace);
      }

      @Override
      public void wanted(String namespace, boolean soon) {
        known.wanted(namespace, soon);
        // A gate that waits for connections alone asks for them once more, to say what it has
        // found.
        asked.merge(
            namespace,
            new Asked(world.now(), soon),
            (known, next) -> known.at() == next.at() && known.soon() ? known : next);
        if (!begun && replica.leads()) {
          begun = true;
          world.later(1, ConnectionLists.this::look);
        }
      }
    };
  }

  private void look() {
    asked.values().removeIf(one -> one.at() < world.now() - INTEREST);
    if (asked.isEmpty() || !replica.leads() || replica.connections != this) {
      begun = false;
      return;
    }
    Reading before = reader.read();
    asked.forEach((namespace, one) -> before.wanted(namespace, one.soon()));
    boolean waited = unread();
    world.calls().advance(world.now());
    reader.look();
    boolean waits = unread();
    if (waited && !waits) {
      replica.glance();
    }
    world.later(waits ? SOON : OFTEN, this::look);
  }

  private boolean unread() {
    Reading known = reader.read();
    return asked.keySet().stream().anyMatch(namespace -> !known.of(namespace).unread().isEmpty());
  }
}
