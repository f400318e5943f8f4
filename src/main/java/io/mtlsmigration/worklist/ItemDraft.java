// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.rollout.gates.Hold;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.worklist.Item.Unblocked;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Builds an item while holds are added to it. */
final class ItemDraft {

  /** The maximum number of facts shown of one item. */
  private static final int SHOWN = 20;

  /** Selects the cause for all holds, in any order: calling before serving, then by the words. */
  private static final Comparator<Cause> ORDER =
      Comparator.comparing((Cause cause) -> cause.key().kind()).thenComparing(Cause::why);

  private Cause cause;
  private final Set<String> namespaces = new TreeSet<>();
  private final Set<Integer> ports = new TreeSet<>();
  private final Set<String> evidence = new TreeSet<>();
  private @Nullable Instant firstSeen;
  private @Nullable Instant lastSeen;
  private long calls;

  ItemDraft(Cause first) {
    this.cause = first;
  }

  void add(Cause next, String namespace, Hold hold) {
    if (ORDER.compare(next, cause) < 0) {
      cause = next;
    }
    namespaces.add(namespace);
    ports.add(next.port());
    switch (hold) {
      case Hold.Plaintext seen -> {
        Edge edge = seen.edge();
        evidence.add(seen.evidence());
        seen(edge.firstSeen(), edge.lastSeen());
        calls += edge.count();
      }
      case Hold.GuessedPort(var service, var port, var probe) -> evidence.add(probe);
      case Hold.Hazard(var finding) -> evidence.add(finding.evidence());
      case Hold.Unread(var object) ->
          evidence.add(object.ref() + " at " + object.field() + ": " + object.reason());
      case Hold.Uncaptured(var pod) ->
          evidence.add("pod " + pod.namespace() + "/" + pod.name() + " has no proxy");
      case Hold.Policy(var obstacle) -> evidence.add(obstacle.message());
      case Hold.Judged(var result) -> evidence.addAll(result.evidence());
      case Hold.Consent consent -> {
        // the person finds the evidence with the step
      }
      case Hold.Decision decision -> seen(decision.since(), null);
    }
  }

  private void seen(Instant first, @Nullable Instant last) {
    firstSeen = firstSeen == null || first.isBefore(firstSeen) ? first : firstSeen;
    lastSeen = last != null && (lastSeen == null || last.isAfter(lastSeen)) ? last : lastSeen;
  }

  Cause.Key key() {
    return cause.key();
  }

  Set<String> namespaces() {
    return namespaces;
  }

  Set<Integer> ports() {
    return ports;
  }

  Item item(
      @Nullable String owner, List<Unblocked> unblocks, int alone, long share, String remedy) {
    List<String> shown = new ArrayList<>(evidence.stream().limit(SHOWN).toList());
    if (evidence.size() > SHOWN) {
      shown.add("and " + (evidence.size() - SHOWN) + " more");
    }
    Cause.Key key = cause.key();
    return new Item(
        key.kind(),
        key.subject(),
        key.plan(),
        owner,
        unblocks,
        alone,
        share,
        title(key),
        cause.why(),
        cause.advice(),
        remedy,
        shown,
        firstSeen,
        lastSeen,
        calls);
  }

  private static String title(Cause.Key key) {
    ObjectRef subject = key.subject();
    String name = subject.equals(Causes.MESH) ? "the mesh" : subject.toString();
    return switch (key.kind()) {
      case INJECT_CLIENT, INJECT_SERVER -> "Inject " + name;
      case RESTART_POD -> "Restart " + name;
      case FIX_DESTINATION_RULE, FIX_POLICY -> "Fix " + name;
      case MOVE_SCRAPE_PORT -> "Scrape the proxy of " + name;
      case REWRITE_PROBE -> "Have the probes of " + name + " rewritten";
      case NAME_PORT -> "Name the protocol of " + name;
      case FIX_CLIENT -> "Have " + name + " call by its proxy";
      case IDENTIFY_CLIENT -> "Find out who calls in plaintext: " + name;
      case GIVE_EXCEPTION -> "Give " + name + " an exception";
      case CLEAR_HAZARD, CLEAR_GATE -> "Clear " + name;
      case ADOPT_POLICY -> "Let " + name + " be taken over";
      case MEND_EVIDENCE -> "Have the calls of " + name + " measured";
      case KEEP_LOGS -> "Have the access logs of " + name + " kept for longer";
      case LENGTHEN_WINDOW -> "Lengthen the window of " + name;
      case APPROVE -> "Approve " + name;
      case DECIDE_HELD -> "Decide on " + name;
    };
  }
}
