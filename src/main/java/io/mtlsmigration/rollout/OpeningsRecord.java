// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The times in which plaintext was not counted, which outlive plans and processes: an object that
 * refuses or hides it leaves no trace when it is deleted.
 *
 * @param version of what is stored; empty before the first save
 * @param closing a digest of the PeerAuthentications that say STRICT and of the Telemetries and
 *     EnvoyFilters that hide plaintext, by namespace, as they were seen last. Whoever may make such
 *     objects makes no more of it than one line
 * @param lagging namespaces of which a proxy had not followed the last opening
 * @param opened when a namespace was last seen to accept plaintext again, and to count it; {@link
 *     #OTHERS} for those that are gone and not named any more
 */
public record OpeningsRecord(
    String version, Map<String, String> closing, Set<String> lagging, Map<String, Instant> opened) {

  /** Stands for namespaces that are gone, the latest of them. No namespace is called so. */
  public static final String OTHERS = "*";

  public static final OpeningsRecord NONE = new OpeningsRecord("", Map.of(), Set.of(), Map.of());

  public OpeningsRecord {
    closing = Collections.unmodifiableMap(new TreeMap<>(closing));
    lagging = Collections.unmodifiableSet(new TreeSet<>(lagging));
    opened = Collections.unmodifiableMap(new TreeMap<>(opened));
  }

  public OpeningsRecord withVersion(String next) {
    return new OpeningsRecord(next, closing, lagging, opened);
  }

  /** Returns since when a namespace is open; {@link Instant#EPOCH} when no opening was seen. */
  public Instant openSince(String namespace, Instant now) {
    return lagging.contains(namespace) ? now : opened.getOrDefault(namespace, Instant.EPOCH);
  }
}
