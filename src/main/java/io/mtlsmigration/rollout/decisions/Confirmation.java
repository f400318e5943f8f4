// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.WriteLedger;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Checks against the API server before a step makes a lasting claim about the mesh, or gives up the
 * rollback: a snapshot may lag by minutes and show an outdated state in which all was well.
 */
public final class Confirmation {

  private Confirmation() {}

  /** Returns what contradicts the move, or why that is not known; null when nothing does. */
  public static @Nullable String missing(StepContext view, RolloutEvent event, PolicyWriter api) {
    try {
      return switch (event) {
        case UNDONE ->
            // Others took back what others had applied: no record tells which object that is.
            written(view).isEmpty()
                ? behind(view, view.facts().name(), api)
                : difference(view, written(view), api);
        case WEAKENED -> difference(view, read(view), api);
        case ENFORCED, VERIFIED, FOUND_STRICT, RECOVERED ->
            view.facts().terminating()
                ? "the namespace is being deleted"
                : behind(view, view.facts().name(), api);
        case GONE -> survivor(view, api, true);
        case RECREATED -> survivor(view, api, false);
        default -> null;
      };
    } catch (PolicyWriter.PolicyReadException e) {
      return unanswered(e);
    }
  }

  /**
   * Returns why a write may do something else than was judged: its namespace has been recreated, or
   * a policy beside it has changed, there or in the root namespace; for mesh-wide STRICT, also in a
   * namespace that counts as locked or exempt. Null when nothing contradicts. The write's own
   * precondition cannot cover this.
   */
  public static @Nullable String missing(StepContext view, PolicyChange change, PolicyWriter api) {
    ObjectRef ref = change.ref();
    NamespaceFacts judged = view.snapshot().namespace(ref.namespace());
    try {
      return judged == null || judged.uid().equals(api.namespaceUid(ref.namespace()))
          ? view.isMesh() && !change.goesBack()
              ? everywhere(view, api)
              : behind(view, ref.namespace(), api)
          : "the view of the mesh lags: namespace " + ref.namespace() + " is another one by now";
    } catch (PolicyWriter.PolicyReadException e) {
      return unanswered(e);
    }
  }

  /** Compares the policies that decide in a namespace: its own and those of the root namespace. */
  private static @Nullable String behind(StepContext view, String namespace, PolicyWriter api) {
    Set<String> deciding = new LinkedHashSet<>();
    deciding.add(namespace);
    deciding.add(view.snapshot().root().name());
    return behind(view, deciding, api::versions);
  }

  /** Compares the policies that the mesh step relies on: STRICT reaches whoever is open unseen. */
  private static @Nullable String everywhere(StepContext view, PolicyWriter api) {
    MeshReadiness others = view.context().others();
    String root = view.snapshot().root().name();
    if (others.locked().isEmpty() && others.exempt().isEmpty()) {
      return behind(view, root, api);
    }
    Set<String> deciding = new TreeSet<>(others.exempt());
    deciding.addAll(others.locked());
    deciding.add(root);
    Map<String, Map<ObjectRef, String>> live = new HashMap<>();
    api.versions()
        .forEach(
            (ref, version) ->
                live.computeIfAbsent(ref.namespace(), n -> new HashMap<>()).put(ref, version));
    return behind(view, deciding, name -> live.getOrDefault(name, Map.of()));
  }

  private static @Nullable String behind(
      StepContext view, Set<String> namespaces, Function<String, Map<ObjectRef, String>> live) {
    for (String name : namespaces) {
      NamespaceFacts facts = view.snapshot().namespace(name);
      if (facts != null && !shown(facts).equals(known(live.apply(name), facts))) {
        return "the view of the mesh lags: policies of namespace " + name + " are others by now";
      }
    }
    return null;
  }

  private static Map<ObjectRef, String> shown(NamespaceFacts facts) {
    Map<ObjectRef, String> versions = new HashMap<>();
    for (PeerAuthentication policy : facts.peerAuthentications()) {
      versions.put(policy.ref(), policy.meta().version());
    }
    return versions;
  }

  /** Returns the versions in the facts, without policies that could not be read. */
  private static Map<ObjectRef, String> known(Map<ObjectRef, String> live, NamespaceFacts facts) {
    Map<ObjectRef, String> versions = new HashMap<>(live);
    facts.unreadable().forEach(unreadable -> versions.remove(unreadable.ref()));
    return versions;
  }

  private static String unanswered(PolicyWriter.PolicyReadException e) {
    return "the API server cannot be asked: " + e.getMessage();
  }

  /** Returns one of these objects of the step that differs from the snapshot. */
  private static @Nullable String difference(
      StepContext view, Set<ObjectRef> refs, PolicyWriter api) {
    for (ObjectRef ref : refs) {
      String live = ReadBack.version(api.read(ref).orElse(null));
      if (!live.equals(ReadBack.version(WriteLedger.find(view.snapshot(), ref)))) {
        return "the view of the mesh lags: " + ref + " is another one at the API server";
      }
    }
    return null;
  }

  /** Returns those of the step that the snapshot could read: the others are not as they were. */
  private static Set<ObjectRef> read(StepContext view) {
    Set<ObjectRef> refs = written(view);
    refs.removeIf(ref -> ReadBack.unreadable(view.snapshot(), ref));
    return refs;
  }

  private static Set<ObjectRef> written(StepContext view) {
    Set<ObjectRef> refs = new LinkedHashSet<>();
    view.step().ledger().forEach(entry -> refs.add(entry.ref()));
    view.step().inFlight().forEach(intent -> refs.add(intent.change().ref()));
    return refs;
  }

  /** Returns an object of the ledger that still exists although its namespace is reported gone. */
  private static @Nullable String survivor(StepContext view, PolicyWriter api, boolean any) {
    for (LedgerEntry entry : view.step().ledger()) {
      Optional<PeerAuthentication> live = api.read(entry.ref());
      if (live.isPresent() && (any || live.get().meta().uid().equals(entry.uid()))) {
        return "the view of the mesh lags: " + entry.ref() + " is still there";
      }
    }
    return null;
  }
}
