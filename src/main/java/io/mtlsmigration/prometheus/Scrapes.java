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
 * Whether a series is from where it says it is. What a proxy tells of itself is in labels that it
 * writes; the namespace that it was scraped in Prometheus adds. Only the mesh's own namespaces
 * (ztunnel's, istiod's), and that of a waypoint that a namespace itself has chosen, speak for
 * others. Where a scrape adds no namespace, nobody can tell.
 */
final class Scrapes {

  /** Istio's label by which a namespace chooses a waypoint of another one. */
  private static final String WAYPOINT = "istio.io/use-waypoint-namespace";

  private final MeshSnapshot facts;
  private final Set<String> speakers;
  private final Map<String, Set<String>> disowned = new HashMap<>();

  /**
   * @param speakers namespaces that speak for all, besides the root namespace
   */
  Scrapes(MeshSnapshot facts, Set<String> speakers) {
    this.facts = facts;
    this.speakers = speakers;
  }

  /** Those of an answer that may be about the workloads that they name by these labels. */
  List<QueryResult.Series> own(
      List<QueryResult.Series> answer, String namespaceLabel, String concerned) {
    List<QueryResult.Series> own = new ArrayList<>(answer.size());
    for (QueryResult.Series one : answer) {
      String from = PodName.of(one).namespace();
      if (speaksFor(from, one.label(namespaceLabel))) {
        own.add(one);
      } else {
        disowned.computeIfAbsent(one.label(concerned), n -> new TreeSet<>()).add(from);
      }
    }
    return own;
  }

  private boolean speaksFor(String from, String namespace) {
    if (from.isEmpty() || from.equals(namespace) || facts.isRoot(from) || speakers.contains(from)) {
      return true;
    }
    NamespaceFacts own = facts.namespace(namespace);
    return own != null && from.equals(own.labels().get(WAYPOINT));
  }

  /**
   * Namespaces whose pods have told of workloads of this one, or of calls to them, without being
   * believed.
   */
  List<String> disowned(String namespace) {
    return List.copyOf(disowned.getOrDefault(namespace, Set.of()));
  }
}
