// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the owners of workloads and namespaces by labels. For one answer. */
public final class Owners {

  private final MeshSnapshot snapshot;
  private final List<String> labels;
  private final Map<WorkloadRef, Optional<String>> known = new HashMap<>();

  /**
   * @param labels names of labels in order of precedence
   */
  public Owners(MeshSnapshot snapshot, List<String> labels) {
    this.snapshot = snapshot;
    this.labels = labels;
  }

  /** Returns null when no label of any pod of the workload or of its namespace names an owner. */
  public @Nullable String of(@Nullable WorkloadRef workload) {
    return workload == null ? null : known.computeIfAbsent(workload, this::look).orElse(null);
  }

  /** Returns null when no label of the namespace names an owner. */
  public @Nullable String ofNamespace(String namespace) {
    NamespaceFacts facts = snapshot.namespace(namespace);
    return facts == null ? null : told(facts.labels()).orElse(null);
  }

  private Optional<String> look(WorkloadRef workload) {
    NamespaceFacts facts = snapshot.namespace(workload.namespace());
    if (facts == null) {
      return Optional.empty();
    }
    Stream<Map<String, String>> pods =
        facts.pods().stream().filter(pod -> pod.workload().equals(workload)).map(Pod::labels);
    return Stream.concat(pods, Stream.of(facts.labels()))
        .flatMap(labelled -> told(labelled).stream())
        .findFirst();
  }

  private Optional<String> told(Map<String, String> labelled) {
    return labels.stream()
        .map(labelled::get)
        .filter(value -> value != null && !value.isBlank())
        .findFirst();
  }
}
