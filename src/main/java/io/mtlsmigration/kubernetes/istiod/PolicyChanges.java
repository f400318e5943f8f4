package io.mtlsmigration.kubernetes.istiod;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * When the policies of each namespace last changed, as far as it was watched: every snapshot is
 * compared with the one before. Not thread-safe.
 *
 * <p>istiod answers every such change, in a namespace or in the root namespace, with new listeners
 * for the sidecars there, whether they differ or not (pilot/pkg/xds/lds.go, {@code ldsNeedsPush}).
 * So a sidecar that acknowledges only listeners from before the change does not have it yet.
 */
final class PolicyChanges {

  /**
   * istiod waits for more changes for at most 10 s ({@code PILOT_DEBOUNCE_MAX}) before it sends
   * one. As long, what was sent shortly before a change was seen is taken for what was sent before
   * the change.
   */
  private static final Duration TIGHT = Duration.ofSeconds(15);

  private final Map<String, Change> changes = new HashMap<>();
  private @Nullable MeshSnapshot last;
  private Instant lastAt = Instant.EPOCH;

  /**
   * One change.
   *
   * @param after the facts were complete as of then, and did not have it
   * @param unseenAt when they were last looked at without it. Usually the change is younger; not
   *     when it took long to become known here
   * @param seenAt when they were first looked at with it
   */
  record Change(Instant after, Instant unseenAt, Instant seenAt) {

    /** Listeners that were made before this do not have the change. */
    Instant needed(Instant now) {
      boolean late = now.isAfter(seenAt.plus(TIGHT));
      return late && after.isBefore(unseenAt) ? after : unseenAt;
    }
  }

  /** Takes in the facts of now, and tells the last change of each namespace that had one. */
  @SuppressWarnings("ReferenceEquality") // the same object = nothing changed; equals would walk it
  Map<String, Change> look(MeshSnapshot next, Instant now) {
    MeshSnapshot before = last;
    if (before != null && !before.sharesFacts(next)) {
      Change change = new Change(before.observedAt(), lastAt, now);
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

  /** True when both have the same policies; only what istiod sends new listeners for counts. */
  static boolean same(@Nullable NamespaceFacts one, @Nullable NamespaceFacts other) {
    List<PeerAuthentication> some = policies(one);
    List<PeerAuthentication> others = policies(other);
    return some.equals(others) || known(some).equals(known(others));
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
