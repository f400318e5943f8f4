// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import java.time.Duration;
import java.util.List;

/**
 * Options for reading the cluster.
 *
 * @param istioNamespace the namespace of istiod's ConfigMaps ({@code istio}, {@code
 *     istio-REVISION}); these name the root namespace
 * @param clusterDomain what the names of Services end in
 * @param pageSize objects in a page of a list. A page is at most this times 1.5 MiB, and is never
 *     held as a whole
 * @param watchPeriod for how long the API server keeps one watch open. A watch that ends in good
 *     order proves that nothing was missed, even of a kind that nobody changes; so facts are known
 *     to be complete as of about one period ago, and a connection that hangs is noticed after one
 *     and a half. Each period costs one request per kind
 * @param personManagers prefixes of field managers that stand for a person
 */
public record InventoryOptions(
    String istioNamespace,
    String clusterDomain,
    int pageSize,
    Duration watchPeriod,
    List<String> personManagers) {

  public static final InventoryOptions DEFAULT =
      new InventoryOptions(
          "istio-system",
          MeshSettings.CLUSTER_DOMAIN,
          500,
          Duration.ofSeconds(20),
          FieldOwner.PERSONS);

  public InventoryOptions {
    personManagers = List.copyOf(personManagers);
    if (istioNamespace.isBlank()) {
      throw new IllegalArgumentException("istioNamespace must be the name of a namespace");
    }
    if (pageSize < 1) {
      throw new IllegalArgumentException("pageSize must be at least 1, but is " + pageSize);
    }
    if (watchPeriod.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("watchPeriod must be at least 1 s, but is " + watchPeriod);
    }
  }

  /** Returns the silence after which a connection is dead: the server ends each watch itself. */
  Duration silence() {
    return watchPeriod.plus(watchPeriod.dividedBy(2));
  }
}
