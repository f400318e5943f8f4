// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Sorting;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.api.view.WorkloadSort;
import io.mtlsmigration.api.view.WorkloadView;
import io.mtlsmigration.api.view.Workloads;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.mtls.WorkloadModes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists of workloads by namespace, name and kind. */
final class WorkloadLists {

  private static final List<MtlsMode> WEAKEST_FIRST =
      List.of(MtlsMode.DISABLE, MtlsMode.PERMISSIVE, MtlsMode.STRICT);

  static final String OF_MODE =
      "Only workloads with this mode in force; modes of their ports do not count";

  private WorkloadLists() {}

  /**
   * Returns a page of the list.
   *
   * @param namespaces in the order of their names
   * @param mode of the workloads; null for all
   */
  static Page<WorkloadView> page(
      MeshModes modes,
      Collection<NamespaceFacts> namespaces,
      @Nullable MtlsMode mode,
      @Nullable Sorting<WorkloadSort> sorting,
      Paging paging) {
    if (sorting != null || mode != null) {
      return Page.of(
          paging
              .cut(
                  namespaces.stream()
                      .flatMap(ns -> modes.namespace(ns.name()).workloads().stream())
                      .filter(workload -> mode == null || Workloads.mode(workload) == mode),
                  workload -> key(workload.workload()),
                  sorting,
                  WorkloadLists::value)
              .map(workload -> Workloads.view(workload, modes)));
    }
    List<WorkloadModes> candidates = new ArrayList<>();
    int further = 0;
    for (NamespaceFacts namespace : namespaces) {
      // Workloads are resolved anew for each call: skip those of pages before this one, and only
      // count those of pages after it.
      if (!reaches(namespace.name(), paging)) {
        continue;
      }
      NamespaceModes own = modes.namespace(namespace.name());
      if (candidates.size() > paging.limit()) {
        further += own.tally().workloads();
      } else {
        own.workloads().stream()
            .filter(workload -> paging.isAhead(key(workload.workload())))
            .forEach(candidates::add);
      }
    }
    return Page.of(
        paging
            .cut(candidates.stream(), workload -> key(workload.workload()))
            .followedBy(further)
            .map(workload -> Workloads.view(workload, modes)));
  }

  private static @Nullable String value(WorkloadModes workload, WorkloadSort field) {
    return switch (field) {
      case NAMESPACE -> workload.workload().namespace();
      case NAME -> workload.workload().name();
      case KIND -> workload.workload().kind();
      case DATA_PLANE -> Sorting.place(Workloads.dataPlane(workload), Workloads.LEAST_PROTECTED);
      case MODE -> Sorting.place(Workloads.mode(workload), WEAKEST_FIRST);
      case PODS -> Sorting.number(workload.podCount());
      case CAPTURED_PODS -> Sorting.number(workload.capturedCount());
    };
  }

  /**
   * Returns whether the page may contain entries of the namespace, whose keys begin with its name
   * and a line feed.
   */
  static boolean reaches(String namespace, Paging paging) {
    String after = paging.after();
    // A token may be forged, and name no namespace.
    return after == null || namespace.compareTo(after.split("\n", 2)[0]) >= 0;
  }

  private static String key(WorkloadRef ref) {
    return String.join("\n", ref.namespace(), ref.name(), ref.kind());
  }
}
