// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Pod;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The faults in force. They end by themselves, by the injected clock. */
final class Faults {

  private final Clock clock;
  private final List<Active> active = new CopyOnWriteArrayList<>();

  Faults(Clock clock) {
    this.clock = clock;
  }

  /** A fault with its time: from {@code from}, until before {@code until}. */
  record Active(Fault fault, Instant from, Instant until) {
    boolean at(Instant now) {
      return !now.isBefore(from) && now.isBefore(until);
    }
  }

  void begin(Fault fault) {
    Instant now = clock.instant();
    active.removeIf(a -> !a.until().isAfter(now));
    active.add(new Active(fault, now, now.plus(fault.lasts())));
  }

  boolean inForce(Fault.Kind kind) {
    return inForce(kind, a -> true);
  }

  /** Returns whether a fault of a kind is in force that meets the condition. */
  boolean inForce(Fault.Kind kind, Predicate<Active> condition) {
    return find(kind, condition) != null;
  }

  boolean strikes(Fault.Kind kind, String namespace) {
    return find(kind, a -> a.fault().strikes(namespace)) != null;
  }

  boolean strikes(Fault.Kind kind, Pod pod) {
    return find(kind, a -> a.fault().strikes(pod)) != null;
  }

  /** Returns the earliest fault of a kind that affects a pod now, or null. */
  @Nullable Active striking(Fault.Kind kind, Pod pod) {
    return find(kind, a -> a.fault().strikes(pod));
  }

  /** Returns the earliest fault of a kind in force now, or null. */
  @Nullable Active first(Fault.Kind kind) {
    return find(kind, a -> true);
  }

  private @Nullable Active find(Fault.Kind kind, Predicate<Active> condition) {
    if (active.isEmpty()) {
      return null;
    }
    Instant now = clock.instant();
    for (Active a : active) {
      if (a.fault().kind() == kind && a.at(now) && condition.test(a)) {
        return a;
      }
    }
    return null;
  }
}
