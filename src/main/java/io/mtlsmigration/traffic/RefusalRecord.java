package io.mtlsmigration.traffic;

import java.time.Instant;
import java.util.List;

/** Port: connections that servers' proxies refused, from the proxies' own account. */
public interface RefusalRecord {

  /** Where nobody reads the proxies' logs. */
  RefusalRecord NONE = (namespace, from) -> List.of();

  /**
   * Refusals by servers of one namespace. From memory; never blocks.
   *
   * @param from inclusive
   */
  List<Refusal> since(String namespace, Instant from);
}
