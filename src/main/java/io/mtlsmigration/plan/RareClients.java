// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.CronRuns;
import io.mtlsmigration.mesh.Injectors;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.OutboundCapture;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.RunPeriod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * CronJobs whose pods have no proxy, or call past it, and that run less often than the plaintext
 * window, or have not run in it: all servers look idle between two runs. Any of them may call any
 * server. Those that a plan says may fail ({@code verification.ignoreClients}) are left out.
 */
public final class RareClients {

  /** In which a run that is due has a pod, which has called and been counted. */
  private static final Duration STARTS = Duration.ofMinutes(10);

  private RareClients() {}

  /** Returns a sentence for each, in order of namespaces. */
  public static List<String> of(MeshModes modes, PlanSpec spec) {
    MeshSnapshot snapshot = modes.snapshot();
    PastSidecars past = new PastSidecars(modes);
    Injectors injectors = modes.made(Injectors.class, Injectors::of);
    List<String> rare = new ArrayList<>();
    for (NamespaceFacts namespace : snapshot.namespaces().values()) {
      for (JobTemplate job : namespace.others(JobTemplate.class)) {
        CronRuns cron = job.runs();
        String runs =
            cron == null
                ? ""
                : runs(cron, () -> begun(namespace, job), spec.gates(), snapshot.observedAt());
        if (!runs.isEmpty() && !ignored(spec, namespace.name() + "/" + job.ref().name())) {
          Map<String, String> labels = injectors.labels(namespace, job.labels());
          boolean captured = job.captured(labels);
          if (!captured || past.has(job.client(labels))) {
            rare.add(
                "CronJob %s/%s, %s, %s"
                    .formatted(
                        namespace.name(),
                        job.ref().name(),
                        captured ? "whose calls bypass its sidecar" : "which has no proxy",
                        runs));
          }
        }
      }
    }
    return rare;
  }

  /**
   * Returns whether a pod of a run had a place to run in. One that waits in a queue, or for a node,
   * has no address.
   */
  private static boolean begun(NamespaceFacts namespace, JobTemplate job) {
    WorkloadRef workload = WorkloadRef.of(job.ref());
    return namespace.pods().stream()
        .anyMatch(
            pod -> pod.workload().equals(workload) && (pod.terminated() || !pod.ip().isEmpty()));
  }

  /**
   * Returns why the window may hold no run of a CronJob; empty when it holds one.
   *
   * @param begun whether a run has, or had, a pod that could call; looks at all pods
   */
  private static String runs(
      CronRuns cron, BooleanSupplier begun, PlanSpec.Gates gates, Instant now) {
    RunPeriod period = cron.period();
    Duration longest = period.at(now);
    Duration window = gates.plaintextWindow();
    if (longest.compareTo(window) > 0) {
      return runs(period, window);
    }
    Instant due = cron.madeAt().plus(longest).plus(STARTS);
    if (due.isAfter(now)) {
      return "was made at %s, and may not have run before %s".formatted(cron.madeAt(), due);
    }
    if (cron.madeAt().equals(Instant.EPOCH)) {
      return "";
    }
    Instant run = cron.scheduledAt();
    if (!cron.active() && run.plus(longest).plus(STARTS).isBefore(now)) {
      return "has not run since %s, though its runs are %s apart: it was resumed, its schedule was changed, or they do not begin"
          .formatted(run.equals(Instant.EPOCH) ? "it was made" : run, longest);
    }
    if (cron.active()
        && run.plus(STARTS).isBefore(now)
        && unseen(cron, now, window)
        && !begun.getAsBoolean()) {
      return "began to run at %s, and has no pod yet: a queue, a quota or a full cluster keeps it from calling"
          .formatted(run);
    }
    return gates.soak().compareTo(STARTS) < 0 && begins(cron, now, window)
        ? "began to run at %s, and may not have called yet: a soak of %s or more waits for that"
            .formatted(run, STARTS)
        : "";
  }

  /**
   * Returns whether a run has begun of which it is not known whether it has called, nor whether one
   * before it has within the window: it may be the first since the CronJob was resumed, and was due
   * long before it began.
   */
  private static boolean begins(CronRuns cron, Instant now, Duration window) {
    return (cron.active() || cron.scheduledAt().plus(STARTS).isAfter(now))
        && unseen(cron, now, window);
  }

  /** Returns whether no run is known to have called within the window. */
  private static boolean unseen(CronRuns cron, Instant now, Duration window) {
    return cron.succeededAt().isBefore(now.minus(window));
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

  /** The clients whose annotations keep calls to servers of the mesh from their sidecars. */
  private static final class PastSidecars {
    private final MeshModes modes;
    private final OutboundCapture capture = new OutboundCapture();

    /** Ports of Services that lead to servers behind a proxy; null until one is asked for. */
    private @Nullable Set<Integer> ports;

    PastSidecars(MeshModes modes) {
      this.modes = modes;
    }

    boolean has(Pod client) {
      return OutboundCapture.partial(client)
          && ports().stream().anyMatch(port -> capture.bypasses(client, port));
    }

    private Set<Integer> ports() {
      Set<Integer> known = ports;
      if (known == null) {
        known = new TreeSet<>();
        for (NamespaceFacts facts : modes.snapshot().namespaces().values()) {
          for (Service service : facts.services()) {
            for (ServicePort port : service.ports()) {
              if (!known.contains(port.port()) && leadsToProxy(service, port)) {
                known.add(port.port());
              }
            }
          }
        }
        ports = known;
      }
      return known;
    }

    private boolean leadsToProxy(Service service, ServicePort port) {
      return modes.reachability().backends(service, port).stream()
          .anyMatch(
              backend -> {
                Pod server = backend.pod();
                return server != null && server.governed(backend.targetPort());
              });
    }
  }

  /** Returns whether the plan says that the workload may fail. */
  static boolean ignored(PlanSpec spec, String workload) {
    return spec.verification().ignoreClients().stream().anyMatch(client -> client.names(workload));
  }
}
