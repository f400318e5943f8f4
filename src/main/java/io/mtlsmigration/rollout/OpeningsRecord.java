// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.ObjectRef;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What outlives plans and processes of the times in which plaintext was not counted: an object that
 * refuses or hides it leaves no trace when it is deleted.
 *
 * @param version of what is stored; empty before the first save
 * @param closing PeerAuthentications that say STRICT, and Telemetries that hide plaintext, as they
 *     were seen last
 * @param lagging namespaces of which a proxy had not followed the last opening
 * @param opened when a namespace was last seen to accept plaintext again, and to count it
 */
public record OpeningsRecord(
    String version,
    SortedSet<ObjectRef> closing,
    SortedSet<String> lagging,
    SortedMap<String, Instant> opened) {

  public static final OpeningsRecord NONE = new OpeningsRecord("", Set.of(), Set.of(), Map.of());

  public OpeningsRecord(
      String version, Set<ObjectRef> closing, Set<String> lagging, Map<String, Instant> opened) {
    this(version, new TreeSet<>(closing), new TreeSet<>(lagging), new TreeMap<>(opened));
  }

  public OpeningsRecord withVersion(String next) {
    return new OpeningsRecord(next, closing, lagging, opened);
  }
}
