package io.mtlsmigration.api;

import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.api.view.WorkloadView;
import io.mtlsmigration.api.view.Workloads;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.WorkloadModes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Lists of workloads, by namespace, name and kind. */
final class WorkloadLists {

  private WorkloadLists() {}

  /**
   * A part of the list.
   *
   * @param namespaces in the order of their names
   */
  static Page<WorkloadView> page(
      MeshModes modes, Collection<NamespaceFacts> namespaces, Paging paging) {
    List<WorkloadModes> candidates = new ArrayList<>();
    for (NamespaceFacts namespace : namespaces) {
      // Workloads are resolved anew for each call: not those of pages before or after this one.
      if (!reaches(namespace.name(), paging)) {
        continue;
      }
      modes.namespace(namespace.name()).workloads().stream()
          .filter(workload -> paging.isAhead(key(workload.workload())))
          .forEach(candidates::add);
      if (candidates.size() > paging.limit()) {
        break;
      }
    }
    return Page.of(
        paging
            .cut(candidates.stream(), workload -> key(workload.workload()))
            .map(workload -> Workloads.view(workload, modes)));
  }

  /**
   * Whether entries of the namespace, whose keys begin with its name and a line feed, may be ahead.
   */
  static boolean reaches(String namespace, Paging paging) {
    String after = paging.after();
    return after == null || namespace.compareTo(after.substring(0, after.indexOf('\n'))) >= 0;
  }

  private static String key(WorkloadRef ref) {
    return String.join("\n", ref.namespace(), ref.name(), ref.kind());
  }
}
