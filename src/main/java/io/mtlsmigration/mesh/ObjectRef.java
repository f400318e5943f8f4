// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.Comparator;

/**
 * A reference to a Kubernetes object. {@code namespace} is empty for cluster-scoped kinds.
 *
 * @param kind the Kubernetes kind, such as {@code PeerAuthentication}
 */
public record ObjectRef(String kind, String namespace, String name)
    implements Comparable<ObjectRef> {

  private static final Comparator<ObjectRef> ORDER =
      Comparator.comparing(ObjectRef::namespace)
          .thenComparing(ObjectRef::kind)
          .thenComparing(ObjectRef::name);

  public static ObjectRef peerAuthentication(String namespace, String name) {
    return new ObjectRef("PeerAuthentication", namespace, name);
  }

  @Override
  public int compareTo(ObjectRef other) {
    return ORDER.compare(this, other);
  }

  /** Returns {@code Kind namespace/name}, or {@code Kind name} for a cluster-scoped object. */
  @Override
  public String toString() {
    return namespace.isEmpty() ? kind + " " + name : kind + " " + namespace + "/" + name;
  }
}
