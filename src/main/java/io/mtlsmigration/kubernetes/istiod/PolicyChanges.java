// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.DryRunPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The times at which each namespace's policies last changed, found by comparing every snapshot with
 * the one before. Not thread-safe.
 *
 * <p>istiod answers every such change, in a namespace or in the root namespace, with new listeners
 * for the sidecars there, whether they differ or not (pilot/pkg/xds/lds.go, {@code ldsNeedsPush}).
 * So a sidecar that acknowledges only listeners from before the change does not have it yet.
 */
final class PolicyChanges {

  /**
   * How long after a change was seen the tighter bound applies: listeners sent shortly before that
   * moment are taken for those from before the change. istiod waits for more changes for at most 10
   * s ({@code PILOT_DEBOUNCE_MAX}) before it sends one.
   */
  private static final Duration TIGHT = Duration.ofSeconds(15);

  private final Map<String, Change> changes = new HashMap<>();
  private @Nullable MeshSnapshot last;
  private Instant lastAt = Instant.EPOCH;

  /**
   * One change.
   *
   * @param after the facts were complete as of this time, and did not have it
   * @param unseenAt the last look at the facts without it. The change is usually younger, unless it
   *     took long to become known here
   * @param seenAt the first look at the facts with it
   */
  record Change(Instant after, Instant unseenAt, Instant seenAt) {

    /** Returns a change of which nothing else is known: this process's clock was set back. */
    static Change before(Instant now) {
      return new Change(Instant.EPOCH, now, now);
    }

    /** Returns the time before which listeners were made without the change. */
    Instant needed(Instant now) {
      boolean late = now.isAfter(seenAt.plus(TIGHT));
      return late && after.isBefore(unseenAt) ? after : unseenAt;
    }
  }

  /** Compares new facts with the last ones; returns each namespace's last change, if any. */
  @SuppressWarnings("ReferenceEquality") // the same object = nothing changed; equals would walk it
  Map<String, Change> look(MeshSnapshot next, Instant now) {
    MeshSnapshot before = last;
    boolean setBack = now.isBefore(lastAt);
    if (setBack) {
      changes.replaceAll((namespace, change) -> Change.before(now));
    }
    if (before != null && !before.sharesFacts(next)) {
      Change change = setBack ? Change.before(now) : new Change(before.observedAt(), lastAt, now);
      for (NamespaceFacts facts : next.namespaces().values()) {
        NamespaceFacts old = before.namespace(facts.name());
        if (old != facts && !same(old, facts)) {
          changes.put(facts.name(), change);
        }
      }
      changes.keySet().retainAll(next.namespaces().keySet());
    }
    last = next;
    lastAt = now;
    return Map.copyOf(changes);
  }

  private record Known(ObjectRef ref, String uid, PeerAuthentication.Spec spec) {}

  /** Returns whether both have the same policies, in what makes istiod send new listeners. */
  static boolean same(@Nullable NamespaceFacts one, @Nullable NamespaceFacts other) {
    List<PeerAuthentication> some = policies(one);
    List<PeerAuthentication> others = policies(other);
    return (some.equals(others) || known(some).equals(known(others)))
        && dryRun(one).equals(dryRun(other));
  }

  /** Returns the dry run of STRICT, whose time begins when every proxy has it. */
  private static Optional<AuthorizationPolicy> dryRun(@Nullable NamespaceFacts facts) {
    return facts == null ? Optional.empty() : DryRunPolicy.in(facts);
  }

  private static List<PeerAuthentication> policies(@Nullable NamespaceFacts facts) {
    return facts == null ? List.of() : facts.peerAuthentications();
  }

  private static Set<Known> known(List<PeerAuthentication> policies) {
    return policies.stream()
        .map(policy -> new Known(policy.ref(), policy.meta().uid(), policy.spec()))
        .collect(Collectors.toSet());
  }
}
