// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PlanReportTest {

  /** Replicas, and a replica after its restart, would else answer in another order each. */
  @Test
  void listsNamespacesInTheOrderOfTheirNames() {
    List<String> names = IntStream.range(10, 50).mapToObj(i -> "namespace-" + i).toList();
    Map<String, String> exempt = new TreeMap<>();
    Map<String, List<Obstacle>> obstacles = new TreeMap<>();
    names.forEach(name -> exempt.put(name, "has no pods"));
    names.forEach(name -> obstacles.put(name, List.of()));

    PlanReport report =
        new PlanReport(List.of(), List.of(), exempt, List.of(), "", obstacles, List.of());

    assertEquals(names, List.copyOf(report.exempt().keySet()));
    assertEquals(names, List.copyOf(report.obstacles().keySet()));
  }
}
