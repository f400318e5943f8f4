// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import org.jspecify.annotations.Nullable;

/**
 * The client of a call. A client outside the mesh may be known by its address alone, or not at all.
 *
 * @param workload null when unknown
 * @param address peer IP; empty when unknown
 */
public record Caller(@Nullable WorkloadRef workload, String address, Origin origin) {

  public static final Caller UNKNOWN = new Caller(null, "");

  /** Clients that are too many to be told apart. */
  public static final Caller OTHERS = new Caller(null, "others");

  /** A caller whose address has not been resolved. */
  public Caller(@Nullable WorkloadRef workload, String address) {
    this(workload, address, workload == null ? Origin.UNKNOWN : Origin.pod(""));
  }

  /** Returns {@code namespace/name}, else the address, else {@code unknown}. */
  public String id() {
    if (workload != null) {
      return workload.id();
    }
    return address.isEmpty() ? "unknown" : address;
  }

  /** Returns true when not even an address is known. */
  public boolean nameless() {
    return workload == null && address.isEmpty();
  }
}
