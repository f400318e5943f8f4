package io.mtlsmigration.rollout;

import java.util.List;

/** Port: does every proxy of a namespace have the configuration that istiod last made? */
public interface ProxySync {

  Status of(String namespace);

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
