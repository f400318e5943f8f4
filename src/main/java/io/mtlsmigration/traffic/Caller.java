package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import org.jspecify.annotations.Nullable;

/**
 * Who called. A client outside the mesh may be known by its address alone, or not at all.
 *
 * @param workload null when unknown
 * @param address peer IP; empty when unknown
 */
public record Caller(@Nullable WorkloadRef workload, String address, Origin origin) {

  public static final Caller UNKNOWN = new Caller(null, "");

  /** A caller of whose address nobody has asked what has it. */
  public Caller(@Nullable WorkloadRef workload, String address) {
    this(workload, address, workload == null ? Origin.UNKNOWN : Origin.pod(""));
  }

  /** {@code namespace/name}, else the address, else {@code unknown}. */
  public String id() {
    if (workload != null) {
      return workload.id();
    }
    return address.isEmpty() ? "unknown" : address;
  }

  /** True when not even an address is known. */
  public boolean nameless() {
    return workload == null && address.isEmpty();
  }
}
