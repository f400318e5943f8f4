// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The check that a series comes from where it claims. A proxy writes its own labels, whereas
 * Prometheus adds the namespace of the scrape. Only the mesh's own namespaces (ztunnel's,
 * istiod's), and that of a waypoint that a namespace has chosen itself, speak for others. Where a
 * scrape adds no namespace, the origin is unknown; where labels name two, the series speaks for
 * nobody.
 */
final class Scrapes {

  /** Istio's label by which a namespace chooses a waypoint of another one. */
  private static final String WAYPOINT = "istio.io/use-waypoint-namespace";

  private final MeshSnapshot facts;
  private final Set<String> speakers;
  private final Map<String, Set<String>> disowned = new HashMap<>();

  /**
   * Creates the check.
   *
   * @param speakers namespaces that speak for all, besides the root namespace
   */
  Scrapes(MeshSnapshot facts, Set<String> speakers) {
    this.facts = facts;
    this.speakers = speakers;
  }

  /** Returns the series that may speak for the workloads that they name by these labels. */
  List<QueryResult.Series> own(
      List<QueryResult.Series> answer, String namespaceLabel, String concerned) {
    List<QueryResult.Series> own = new ArrayList<>(answer.size());
    for (QueryResult.Series one : answer) {
      if (!PodName.contradicts(one)
          && speaksFor(PodName.of(one).namespace(), one.label(namespaceLabel))) {
        own.add(one);
      } else {
        disowned.computeIfAbsent(one.label(concerned), n -> new TreeSet<>()).add(origin(one));
      }
    }
    return own;
  }

  /** Returns the series of those who speak for all. */
  List<QueryResult.Series> ofAll(List<QueryResult.Series> answer) {
    return PodName.consistent(answer).stream()
        .filter(one -> speaksForAll(PodName.of(one).namespace()))
        .toList();
  }

  private static String origin(QueryResult.Series one) {
    String from = String.join(" or ", PodName.namespaces(one));
    return PodName.contradicts(one) ? from + " (the labels of the scrape contradict)" : from;
  }

  private boolean speaksFor(String from, String namespace) {
    if (from.equals(namespace) || speaksForAll(from)) {
      return true;
    }
    NamespaceFacts own = facts.namespace(namespace);
    return own != null && from.equals(own.labels().get(WAYPOINT));
  }

  private boolean speaksForAll(String from) {
    return from.isEmpty() || facts.isRoot(from) || speakers.contains(from);
  }

  /**
   * Returns the namespaces whose pods have reported about workloads of this one, or calls to them,
   * without authority.
   */
  List<String> disowned(String namespace) {
    return List.copyOf(disowned.getOrDefault(namespace, Set.of()));
  }
}
