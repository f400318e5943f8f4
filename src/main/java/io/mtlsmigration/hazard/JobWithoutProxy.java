// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.Injectors;
import io.mtlsmigration.mesh.JobTemplate;
import java.util.List;

/** CronJobs and Jobs whose pods will have no proxy, including those that are not running. */
final class JobWithoutProxy implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.JOB_WITHOUT_PROXY,
          Severity.WARNING,
          "A Job or CronJob whose pods have no proxy",
          "Jobs are often kept out of injection, because a sidecar used to keep them from"
              + " ending. Their pods send plaintext, which STRICT servers refuse. A CronJob has no"
              + " pod most of the time: nothing is amiss until its next run.",
          "Let it be injected; native sidecars end with the job. Or name the servers that it"
              + " calls in exceptions.",
          "The template asks for a proxy of a revision or tag that is installed, or nothing says"
              + " that the namespace belongs to the mesh.",
          List.of(11659));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    if (!Membership.likely(namespace)) {
      return;
    }
    Injectors injectors = namespace.mesh().made(Injectors.class, Injectors::of);
    for (JobTemplate template : namespace.facts().others(JobTemplate.class)) {
      if (!template.captured(injectors.labels(namespace.facts(), template.labels()))) {
        namespace.report(
            HAZARD,
            Severity.WARNING,
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
