package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import org.jspecify.annotations.Nullable;

/**
 * Who called. A client outside the mesh may be known by its address alone, or not at all.
 *
 * @param workload null when unknown
 * @param address peer IP; empty when unknown
 */
public record Caller(@Nullable WorkloadRef workload, String address) {

  public static final Caller UNKNOWN = new Caller(null, "");

  /** {@code namespace/name}, else the address, else {@code unknown}. */
  public String id() {
    if (workload != null) {
      return workload.id();
    }
    return address.isEmpty() ? "unknown" : address;
  }
}
