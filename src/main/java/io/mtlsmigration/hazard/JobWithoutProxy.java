// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.Injectors;
import io.mtlsmigration.mesh.JobTemplate;

/** CronJobs and Jobs whose pods will have no proxy, including those that are not running. */
final class JobWithoutProxy implements Rule {

  @Override
  public void check(Inspection namespace) {
    if (!Membership.likely(namespace)) {
      return;
    }
    Injectors injectors = namespace.mesh().made(Injectors.class, Injectors::of);
    for (JobTemplate template : namespace.facts().others(JobTemplate.class)) {
      if (!template.captured(injectors.labels(namespace.facts(), template.labels()))) {
        namespace.report(
            HazardCode.JOB_WITHOUT_PROXY,
            template.ref(),
            0,
            "The pods of "
                + template.ref()
                + " have no proxy"
                + (template.hostNetwork() ? " (they are on the node's network)" : "")
                + ": what they send is plaintext, at each run.",
            "Let it be injected, or name the servers that it calls in exceptions.");
      }
    }
  }
}
