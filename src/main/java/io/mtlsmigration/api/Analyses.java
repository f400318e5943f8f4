// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.input.ManifestErrors;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.api.view.ChangeView;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.api.view.PolicyView;
import io.mtlsmigration.api.view.PreviewView;
import io.mtlsmigration.api.view.Ref;
import io.mtlsmigration.api.view.WorkloadView;
import io.mtlsmigration.api.view.Workloads;
import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.hazard.Severity;
import io.mtlsmigration.manifest.Facts;
import io.mtlsmigration.manifest.FactsCollector;
import io.mtlsmigration.manifest.FactsReader;
import io.mtlsmigration.manifest.ManifestException;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.manifest.ReadLimits;
import io.mtlsmigration.manifest.Templates;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.WorkLimit;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.mtls.WorkloadModes;
import io.mtlsmigration.plan.PlanReport;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Planner;
import io.mtlsmigration.plan.Preview;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * Analyses of manifests in request bodies; nothing is stored. Few run at a time, each on a thread
 * of its own that ends with the call: one may take a hundred megabytes of text and a core.
 */
@Singleton
final class Analyses {

  static final long MAX_BYTES = 100L << 20;

  /**
   * The maximum number of objects, more than a mesh of ten thousand namespaces has. A hundred
   * megabytes of pods are far fewer objects; of the smallest objects they would be millions, whose
   * facts would fill the heap.
   */
  private static final int MAX_OBJECTS = 200_000;

  /**
   * The maximum number of results that the rules may keep: a mesh of ten thousand namespaces and a
   * hundred thousand pods has half of it. In one namespace a few megabytes of pods and Services
   * that select each other have tens of millions, each of some two hundred bytes.
   */
  private static final long MAX_RESULTS = 1_000_000;

  /**
   * The time limit between reading and answering. A longer analysis is not of a real mesh, or holds
   * a core for nobody.
   */
  private static final Duration MAX_TIME = Duration.ofSeconds(60);

  /**
   * What is left to an analysis when the service stops: enough for nearly all, and less than the
   * service waits for calls that are under way (quarkus.shutdown.timeout).
   */
  private static final Duration TO_STOP = Duration.ofSeconds(5);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  private static final int MAX_RUNNING = 2;

  private final Clock clock;
  private final Duration maxTime;
  private final Semaphore running = new Semaphore(MAX_RUNNING);
  private volatile Instant stop = Instant.MAX;

  @Inject
  Analyses(Clock clock) {
    this(clock, MAX_TIME);
  }

  Analyses(Clock clock, Duration maxTime) {
    this.clock = clock;
    this.maxTime = maxTime;
  }

  /**
   * Analyses a set of manifests.
   *
   * @param injected as of {@link FactsCollector#facts}
   * @param whatIf whether to show the effect of STRICT for the whole mesh
   * @param full whether to list each call
   * @param gone returns whether the caller has gone
   */
  AnalysisView analyse(
      InputStream body, Set<String> injected, boolean whatIf, boolean full, BooleanSupplier gone) {
    if (!running.tryAcquire()) {
      throw ApiException.busy(MAX_RUNNING + " analyses are running already", 10);
    }
    try {
      Facts facts = read(body, injected);
      return bounded(() -> WorkLimit.within(MAX_RESULTS, () -> view(facts, whatIf, full)), gone);
    } finally {
      running.release();
    }
  }

  /** Another replica may be asked; nothing of an analysis is kept. */
  void stop(@Observes ShutdownDelayInitiatedEvent stopping) {
    stop = clock.instant().plus(TO_STOP);
  }

  /** Ends the work when its time is up or its caller gone, and returns only when it has ended. */
  private AnalysisView bounded(Callable<AnalysisView> work, BooleanSupplier gone) {
    FutureTask<AnalysisView> task = new FutureTask<>(work);
    Thread worker = Thread.ofPlatform().name("analysis").daemon().start(task);
    Instant end = clock.instant().plus(maxTime);
    try {
      while (true) {
        if (worker.join(BETWEEN_LOOKS)) {
          return answer(task);
        }
        Optional<ApiException> refusal = refusal(end, gone);
        if (refusal.isPresent()) {
          worker.interrupt();
          worker.join();
          throw refusal.get();
        }
      }
    } catch (InterruptedException e) {
      worker.interrupt();
      Thread.currentThread().interrupt();
      throw stopping();
    }
  }

  /** Why the work has to end now. */
  private Optional<ApiException> refusal(Instant end, BooleanSupplier gone) {
    Instant now = clock.instant();
    if (now.isAfter(end)) {
      return Optional.of(tooMuch("take longer than " + maxTime.toSeconds() + " seconds"));
    }
    if (now.isAfter(stop)) {
      return Optional.of(stopping());
    }
    return gone.getAsBoolean()
        ? Optional.of(ApiException.of(ErrorCode.BAD_REQUEST, "The caller has gone"))
        : Optional.empty();
  }

  private static ApiException stopping() {
    return ApiException.of(
        ErrorCode.UNAVAILABLE, "The service is stopping; ask again, and another one answers");
  }

  private static AnalysisView answer(FutureTask<AnalysisView> ended) throws InterruptedException {
    try {
      return ended.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case WorkLimit.ExceededException tooMany ->
            throw tooMuch(
                "have more than "
                    + MAX_RESULTS
                    + " results (endpoints of Service ports, ports of workloads, findings)");
        case Error error -> throw error;
        case RuntimeException bug -> throw bug;
        case null, default -> throw new IllegalStateException("an analysis died", e);
      }
    }
  }

  private static ApiException tooMuch(String what) {
    return ApiException.of(
        ErrorCode.TOO_LARGE,
        "The pods, Services and policies of the body select each other so often that they "
            + what
            + "; send fewer namespaces at a time");
  }

  /** Returns the number of running analyses. */
  int running() {
    return MAX_RUNNING - running.availablePermits();
  }

  private Facts read(InputStream body, Set<String> injected) {
    BoundedStream bounded = new BoundedStream(body, MAX_BYTES);
    FactsCollector collector = new FactsReader(Templates.AS_PODS_AND_PODS).collect(clock.instant());
    try {
      ManifestReader.forEach(
          bounded,
          "body",
          ReadLimits.DEFAULT.withMaxBytes(Long.MAX_VALUE).withMaxObjects(MAX_OBJECTS),
          collector::add);
    } catch (ManifestException e) {
      throw bounded.exceeded() ? tooLarge() : ManifestErrors.malformed(e);
    } catch (IOException e) {
      throw bounded.exceeded()
          ? tooLarge()
          : ApiException.of(ErrorCode.BAD_REQUEST, "The body ended before it was complete");
    }
    return collector.facts(injected);
  }

  private static ApiException tooLarge() {
    return ApiException.of(
        ErrorCode.TOO_LARGE, "A body here may have up to " + MAX_BYTES + " bytes");
  }

  static AnalysisView view(Facts facts, boolean whatIf, boolean full) {
    MeshModes modes = MeshModes.resolve(facts.snapshot());
    findEndpoints(modes);
    List<AnalysisView.Namespace> namespaces = new ArrayList<>();
    List<WorkloadView> workloads = new ArrayList<>();
    List<PolicyView> policies = new ArrayList<>();
    List<Finding> found = new ArrayList<>();
    for (NamespaceFacts namespace : facts.snapshot().namespaces().values()) {
      List<Finding> own = Hazards.of(modes, namespace.name());
      namespaces.add(namespace(modes.namespace(namespace.name()), own));
      modes
          .namespace(namespace.name())
          .workloads()
          .forEach(workload -> workloads.add(Workloads.view(workload, modes)));
      InventoryResource.policies(modes, namespace).forEach(policies::add);
      found.addAll(own);
    }
    PlanReport report = whatIf ? Planner.plan(Impacts.defaults(PlanSpec.Target.MESH), modes) : null;
    MeshModes then = report == null ? null : Preview.after(modes, report.changes());
    CallTable calls = CallTable.of(modes, then, full);
    return new AnalysisView(
        namespaces,
        workloads,
        policies,
        found.stream().map(FindingView::of).toList(),
        calls.rows(),
        calls.omitted(),
        report == null || then == null
            ? null
            : whatIf(report, then, calls, OutsideCalls.breaking(found, modes, then)),
        facts.problems().stream()
            .map(
                p ->
                    new AnalysisView.Unread(
                        p.source(), p.document(), p.line(), p.column(), p.pointer(), p.message()))
            .toList(),
        facts.ignoredKinds(),
        List.copyOf(facts.undefined()),
        OutsideCalls.undefinedGateways(facts.snapshot()));
  }

  /**
   * Resolves the endpoints of every Service port before any rule needs them, so that too many are
   * detected at once.
   */
  private static void findEndpoints(MeshModes modes) {
    Reachability reachability = modes.reachability();
    for (NamespaceFacts namespace : modes.snapshot().namespaces().values()) {
      for (Service service : namespace.services()) {
        service.ports().forEach(port -> reachability.backends(service, port));
      }
    }
  }

  private static AnalysisView.Namespace namespace(NamespaceModes modes, List<Finding> findings) {
    List<WorkloadModes> workloads = modes.workloads();
    Map<Severity, Integer> counts = new EnumMap<>(Severity.class);
    for (Severity severity : Severity.values()) {
      counts.put(severity, 0);
    }
    findings.forEach(finding -> counts.merge(finding.severity(), 1, Integer::sum));
    return new AnalysisView.Namespace(
        modes.namespace(),
        modes.posture(),
        modes.mode().mode(),
        Ref.ofNullable(modes.mode().decidedBy()),
        workloads.size(),
        (int) workloads.stream().filter(Workloads::captured).count(),
        counts);
  }

  private static AnalysisView.WhatIf whatIf(
      PlanReport report, MeshModes then, CallTable calls, List<Finding> fromOutside) {
    Map<String, Posture> postures = new TreeMap<>();
    then.snapshot()
        .namespaces()
        .keySet()
        .forEach(name -> postures.put(name, then.namespace(name).posture()));
    return new AnalysisView.WhatIf(
        MtlsMode.STRICT,
        report.changes().stream().map(ChangeView::of).toList(),
        PreviewView.obstacles(report),
        postures,
        calls.breaking(),
        calls.breaks(),
        fromOutside.stream().map(FindingView::of).toList());
  }

  /** A stream that fails after a number of bytes, and remembers that it did. */
  private static final class BoundedStream extends InputStream {
    private final InputStream in;
    private long left;

    BoundedStream(InputStream in, long limit) {
      this.in = in;
      this.left = limit;
    }

    boolean exceeded() {
      return left < 0;
    }

    @Override
    public int read() throws IOException {
      int next = in.read();
      return next < 0 ? next : counted(1, next);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = in.read(buffer, offset, length);
      return read <= 0 ? read : counted(read, read);
    }

    private int counted(int bytes, int result) throws IOException {
      left -= bytes;
      if (left < 0) {
        throw new IOException("the body is too large");
      }
      return result;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
