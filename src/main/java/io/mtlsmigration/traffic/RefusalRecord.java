// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Instant;

/** Port: connections that servers' proxies refused, from the proxies' own logs. */
public interface RefusalRecord {

  /**
   * Returns refusals by servers of one namespace. From memory; never blocks.
   *
   * @param from inclusive
   */
  Refusals since(String namespace, Instant from);
}
