// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import java.time.Instant;

/**
 * Reads sets of manifests, whole clusters or folders, into facts. Use {@link #collect}, one object
 * at a time, for a large set: facts are kept, trees are not.
 */
public final class FactsReader {

  private final Templates templates;

  public FactsReader(Templates templates) {
    this.templates = templates;
  }

  /**
   * Begins a set.
   *
   * @param observedAt the time of the set; the age of objects without a creation time
   */
  public FactsCollector collect(Instant observedAt) {
    return new FactsCollector(templates, observedAt);
  }

  public Facts read(Iterable<Manifest> manifests, Instant observedAt) {
    FactsCollector collector = collect(observedAt);
    manifests.forEach(collector::add);
    return collector.facts();
  }
}
