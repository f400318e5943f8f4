package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.MeshSnapshot;
import java.time.Instant;

/**
 * Reads sets of manifests, whole clusters or folders, into facts. Feed it through {@link #collect},
 * one object at a time, when the set is large: facts are kept, trees are not.
 */
public final class FactsReader {

  /** What to make of a Deployment, Job or the like of which no pod is in the set. */
  public enum Templates {
    /** Nothing: in a running cluster no pod means no pod. */
    IGNORED,
    /**
     * The pods that it would have, with the sidecar that Istio's webhook would give them: for
     * folders of manifests, in which pods never are.
     */
    AS_PODS
  }

  private final Templates templates;

  public FactsReader(Templates templates) {
    this.templates = templates;
  }

  /**
   * Begins a set.
   *
   * @param observedAt when the set was true; the age of objects that do not tell theirs
   */
  public FactsCollector collect(Instant observedAt) {
    return new FactsCollector(templates, observedAt);
  }

  public Facts read(Iterable<Manifest> manifests, Instant observedAt) {
    FactsCollector collector = collect(observedAt);
    manifests.forEach(collector::add);
    return collector.facts();
  }

  /** The snapshot alone: what could not be read is in it as {@code Unreadable}. */
  public MeshSnapshot snapshot(Iterable<Manifest> manifests, Instant observedAt) {
    return read(manifests, observedAt).snapshot();
  }
}
