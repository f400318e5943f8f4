// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WorkloadRefTest {

  @ParameterizedTest
  @CsvSource({
    "Deployment, true",
    "StatefulSet, true",
    "Rollout, true",
    "DeploymentConfig, true",
    "CloneSet, true",
    "Workflow, false",
    "Job, false",
    "CronJob, false",
    "Pod, false",
  })
  void lastsWhereItsPodsAreReplaced(String kind, boolean lasting) {
    assertEquals(lasting, new WorkloadRef("foo", kind, "web").lasting());
  }
}
