package io.mtlsmigration.api;

import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.api.view.WorkloadView;
import io.mtlsmigration.api.view.Workloads;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.WorkloadModes;
import java.util.Collection;

/** Lists of workloads, by namespace, name and kind. */
final class WorkloadLists {

  private WorkloadLists() {}

  static Page<WorkloadView> page(
      MeshModes modes, Collection<NamespaceFacts> namespaces, Paging paging) {
    Paging.Part<WorkloadModes> part =
        paging.cut(
            namespaces.stream()
                // Nothing of a namespace that the walk has passed has to be resolved again.
                .filter(ns -> paging.after() == null || reaches(ns.name(), paging.after()))
                .flatMap(ns -> modes.namespace(ns.name()).workloads().stream()),
            workload -> key(workload.workload()));
    return Page.of(part.map(workload -> Workloads.view(workload, modes)));
  }

  private static boolean reaches(String namespace, String after) {
    return namespace.compareTo(after.substring(0, after.indexOf('\n'))) >= 0;
  }

  private static String key(WorkloadRef ref) {
    return String.join("\n", ref.namespace(), ref.name(), ref.kind());
  }
}
