package io.mtlsmigration.rollout;

import java.util.List;
import java.util.Set;

/** Port: does every proxy of a namespace have the configuration that istiod last made? */
public interface ProxySync {

  Status of(String namespace);

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

    /** Nobody can say. */
    record Unknown(String detail) implements Status {}
  }
}
