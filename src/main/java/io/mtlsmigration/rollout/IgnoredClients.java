package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.Cidr;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.traffic.Caller;
import java.util.List;

/** Clients that may fail while a lock is verified. */
record IgnoredClients(List<IgnoredClient> entries) {

  boolean ignores(Caller caller) {
    for (IgnoredClient entry : entries) {
      if (entry.workload() != null && entry.workload().equals(caller.id())) {
        return true;
      }
      if (entry.cidr() != null
          && Cidr.parse(entry.cidr())
              .filter(range -> range.contains(caller.address()))
              .isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** {@code workload} is {@code namespace/name}. */
  boolean ignores(String workload) {
    for (IgnoredClient entry : entries) {
      if (workload.equals(entry.workload())) {
        return true;
      }
    }
    return false;
  }
}
