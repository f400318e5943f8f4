package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.LedgerEntry;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Moves that claim something of the mesh for good, or give up the way back, need the API server's
 * own word: a snapshot may lag by minutes, and show a past in which all was well.
 */
final class Confirmation {

  private Confirmation() {}

  /** What contradicts the move, or why nobody can say; null when nothing does. */
  static @Nullable String missing(StepView view, RolloutEvent event, PolicyWriter api) {
    return switch (event) {
      case UNDONE, WEAKENED -> ReadBack.difference(written(view), view.snapshot(), api);
      case ENFORCED, VERIFIED, FOUND_STRICT, RECOVERED ->
          ReadBack.difference(deciding(view), view.snapshot(), api);
      case GONE -> survivor(view, api, true);
      case RECREATED -> survivor(view, api, false);
      default -> null;
    };
  }

  /**
   * Why the namespace that would be written into may be another one than was judged; null when it
   * is the same. No precondition of a write can say so.
   */
  static @Nullable String renewed(StepView view, ObjectRef ref, PolicyWriter api) {
    NamespaceFacts judged = view.snapshot().namespace(ref.namespace());
    try {
      return judged == null || judged.uid().equals(api.namespaceUid(ref.namespace()))
          ? null
          : "the view of the mesh lags: namespace " + ref.namespace() + " is another one by now";
    } catch (PolicyWriter.PolicyReadException e) {
      return "the API server cannot be asked: " + e.getMessage();
    }
  }

  private static Set<ObjectRef> written(StepView view) {
    Set<ObjectRef> refs = new LinkedHashSet<>();
    view.step().ledger().forEach(entry -> refs.add(entry.ref()));
    view.step().inFlight().forEach(intent -> refs.add(intent.change().ref()));
    return refs;
  }

  private static Set<ObjectRef> deciding(StepView view) {
    Set<ObjectRef> refs = written(view);
    ObjectRef decides =
        view.isMesh()
            ? view.modes().mesh().decidedBy()
            : view.modes().namespace(view.facts().name()).mode().decidedBy();
    if (decides != null) {
      refs.add(decides);
    }
    return refs;
  }

  /** An object of the ledger that is still there though its namespace is said to be gone. */
  private static @Nullable String survivor(StepView view, PolicyWriter api, boolean any) {
    try {
      for (LedgerEntry entry : view.step().ledger()) {
        Optional<PeerAuthentication> live = api.read(entry.ref());
        if (live.isPresent() && (any || live.get().meta().uid().equals(entry.uid()))) {
          return "the view of the mesh lags: " + entry.ref() + " is still there";
        }
      }
      return null;
    } catch (PolicyWriter.PolicyReadException e) {
      return "the API server cannot be asked: " + e.getMessage();
    }
  }
}
