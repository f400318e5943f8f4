// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.plan.PolicyWrites;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Port: reports whether all proxies of a namespace have istiod's latest configuration. */
public interface ProxySync {

  Status of(String namespace);

  /**
   * A difference between what a workload enforces and what its policy says.
   *
   * @param policy the workload policy with port-level modes
   * @param what a sentence without its full stop
   */
  record Difference(ObjectRef policy, String what) {}

  /**
   * Returns pods ({@code namespace/pod}) that look as if they had a sidecar and are not new, but
   * are not known to any istiod: the author of a pod chooses its containers and annotations. Empty
   * where this cannot be determined.
   */
  default Set<String> strangers(String namespace) {
    return Set.of();
  }

  /**
   * Returns the other clusters that have sidecars in a namespace of the same name that follow this
   * cluster's policies, because an istiod here serves them; by namespace. They are as recent as the
   * last answer of {@link #of}, or were known before it.
   */
  default Map<String, Set<String>> elsewhere() {
    return Map.of();
  }

  /** The sync status of a namespace's proxies. Closed set. */
  sealed interface Status {
    /** All proxies have acknowledged the latest configuration. */
    record Synced() implements Status {}

    /** The listed proxies ({@code namespace/pod}) lag. */
    record Lagging(List<String> proxies) implements Status {
      public Lagging {
        proxies = List.copyOf(proxies);
      }
    }

    /** The proxies are in sync, but their configuration differs from the policies; never empty. */
    record Differs(List<Difference> differences) implements Status {
      public Differs {
        differences = List.copyOf(differences);
      }

      /** Returns true when each policy with a difference is about to be rewritten. */
      public boolean endsWith(PolicyWrites writes) {
        return differences.stream()
            .allMatch(
                difference ->
                    writes.changes().stream()
                        .anyMatch(change -> change.ref().equals(difference.policy())));
      }

      /** Returns the differences and the remedy in words. */
      public String words() {
        return "ztunnel is told otherwise than the policies say: "
            + Words.list(differences.stream().map(Difference::what).toList())
            + "; istiod made this for another mode of the namespace: touch "
            + Words.list(differences.stream().map(d -> d.policy().toString()).distinct().toList())
            + " (any annotation does), or give it the mtls.mode STRICT";
      }
    }

    /** The status cannot be determined. */
    record Unknown(String detail) implements Status {}
  }
}
