package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.plan.PolicyWrites;
import java.util.List;
import java.util.Set;

/** Port: does every proxy of a namespace have the configuration that istiod last made? */
public interface ProxySync {

  Status of(String namespace);

  /**
   * What a workload enforces that its policy does not say.
   *
   * @param policy the workload policy that has modes of ports
   * @param what a sentence without its end
   */
  record Difference(ObjectRef policy, String what) {}

  /**
   * Pods ({@code namespace/pod}) that look as if they had a sidecar, and are not new, while none of
   * all istiods knows it: whoever makes a pod chooses its containers and annotations. Empty where
   * nobody can say.
   */
  default Set<String> strangers(String namespace) {
    return Set.of();
  }

  /** Closed set, like evidence. */
  sealed interface Status {
    /** All proxies acknowledge the latest configuration. */
    record Synced() implements Status {}

    /** These proxies ({@code namespace/pod}) lag. */
    record Lagging(List<String> proxies) implements Status {
      public Lagging {
        proxies = List.copyOf(proxies);
      }
    }

    /** They follow, but what they are told is not what the policies say; never empty. */
    record Differs(List<Difference> differences) implements Status {
      public Differs {
        differences = List.copyOf(differences);
      }

      /** True when each policy that it is about is about to be written, and so made anew. */
      public boolean endsWith(PolicyWrites writes) {
        return differences.stream()
            .allMatch(
                difference ->
                    writes.changes().stream()
                        .anyMatch(change -> change.ref().equals(difference.policy())));
      }

      /** What differs, and what helps. */
      public String words() {
        return "ztunnel is told otherwise than the policies say: "
            + Words.list(differences.stream().map(Difference::what).toList())
            + "; istiod made this for another mode of the namespace: touch "
            + Words.list(differences.stream().map(d -> d.policy().toString()).distinct().toList())
            + " (any annotation does), or give it the mtls.mode STRICT";
      }
    }

    /** Nobody can say. */
    record Unknown(String detail) implements Status {}
  }
}
