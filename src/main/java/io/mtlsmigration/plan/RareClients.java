// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.RunPeriod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * CronJobs whose pods have no proxy, and that run less often than the plaintext window: all servers
 * look idle between two runs. Any of them may call any server. Those that a plan says may fail
 * ({@code verification.ignoreClients}) are left out.
 */
public final class RareClients {

  private RareClients() {}

  /** Returns a sentence for each, in order of namespaces. */
  public static List<String> of(MeshSnapshot snapshot, PlanSpec spec) {
    Duration window = spec.gates().plaintextWindow();
    List<String> rare = new ArrayList<>();
    for (NamespaceFacts namespace : snapshot.namespaces().values()) {
      for (JobTemplate job : namespace.others(JobTemplate.class)) {
        RunPeriod period = job.period();
        if (period != null
            && period.at(snapshot.observedAt()).compareTo(window) > 0
            && !job.captured(namespace.labels())
            && !ignored(spec, namespace.name() + "/" + job.ref().name())) {
          rare.add(
              "CronJob %s/%s, which has no proxy, %s"
                  .formatted(namespace.name(), job.ref().name(), runs(period, window)));
        }
      }
    }
    return rare;
  }

  private static String runs(RunPeriod period, Duration window) {
    if (period.usual().equals(JobTemplate.UNKNOWN_PERIOD)) {
      return "has a schedule that cannot be read, and may run more rarely than any window shows";
    }
    return period.usual().compareTo(window) > 0
        ? "runs %s apart, more than the plaintext window of %s".formatted(period.usual(), window)
        : "runs up to %s apart now that the clocks of %s have changed, more than the plaintext window of %s"
            .formatted(period.acrossChange(), period.zone(), window);
  }

  /** Returns whether the plan says that the workload may fail. */
  static boolean ignored(PlanSpec spec, String workload) {
    return spec.verification().ignoreClients().stream().anyMatch(client -> client.names(workload));
  }
}
