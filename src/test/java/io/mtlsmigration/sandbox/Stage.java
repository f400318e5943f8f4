// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteResult;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Refusals;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A sandbox under a clock that the test moves; pushes take no time unless a test wants them to. */
final class Stage implements AutoCloseable {

  static final Duration TIMEOUT = Duration.ofSeconds(5);
  static final SandboxOptions AT_ONCE =
      new SandboxOptions(
          Duration.ZERO,
          Duration.ZERO,
          SandboxOptions.DEFAULT.listenerIdle(),
          SandboxOptions.DEFAULT.maxListeners(),
          SandboxOptions.DEFAULT.retention());

  static final Instant START = Instant.parse("2026-03-01T08:00:00Z");

  final ManualClock clock = new ManualClock(START);
  final Sandbox sandbox;

  private Stage(MeshSnapshot mesh, List<TrafficCall> calls, SandboxOptions options) {
    Scenario scenario = new Scenario(mesh, calls, List.of(), null);
    this.sandbox = Sandbox.start(scenario, clock, options);
  }

  static Stage of(NamespaceBuilder... namespaces) {
    return of(MeshBuilders.mesh(namespaces));
  }

  static Stage of(MeshSnapshot mesh) {
    return new Stage(mesh, List.of(), AT_ONCE);
  }

  static Stage of(MeshSnapshot mesh, SandboxOptions options) {
    return new Stage(mesh, List.of(), options);
  }

  @Override
  public void close() {
    sandbox.close();
  }

  MeshSnapshot snapshot() {
    return sandbox.inventory().snapshot();
  }

  /** {@code namespace/pod}. */
  Pod pod(String id) {
    return snapshot().namespaces().values().stream()
        .flatMap(ns -> ns.pods().stream())
        .filter(p -> (p.namespace() + "/" + p.name()).equals(id))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no pod " + id));
  }

  /** {@code namespace/service:port}. */
  List<ProbeTarget> targets(String from, String to) {
    Reachability reachability = Reachability.of(MeshModes.resolve(snapshot()));
    Service service = service(to);
    ServicePort port = port(service, to);
    return reachability.backends(service, port).stream()
        .map(b -> new ProbeTarget(pod(from), service, port, b))
        .toList();
  }

  private Service service(String to) {
    return snapshot().namespaces().values().stream()
        .flatMap(ns -> ns.services().stream())
        .filter(s -> to.startsWith(s.id() + ":"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no service " + to));
  }

  private static ServicePort port(Service service, String to) {
    return service.ports().stream()
        .filter(p -> to.equals(service.id() + ":" + p.port()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no port " + to));
  }

  /** A probe of the first endpoint. */
  ProbeResult probe(String from, String to) {
    return sandbox.prober().probe(targets(from, to).get(0), TIMEOUT);
  }

  /** The same in short: {@code 200/0}, {@code 000/56} …, or {@code -} when it was not possible. */
  String outcome(String from, String to) {
    return brief(probe(from, to));
  }

  static String brief(ProbeResult result) {
    return switch (result) {
      case ProbeResult.Completed c -> "%03d/%d".formatted(c.httpCode(), c.exitCode());
      case ProbeResult.Several s -> brief(s.worst(true));
      case ProbeResult.NotPossible n -> "-";
      case ProbeResult.NeverMade n -> "-";
    };
  }

  static String brief(CallEnd end) {
    return "%03d/%d".formatted(end.httpCode(), end.exitCode());
  }

  Prediction prediction(ProbeTarget target) {
    return Reachability.of(MeshModes.resolve(snapshot()))
        .predict(target.client(), target.service(), target.port(), target.backend());
  }

  /** A call of an application, not a probe. */
  CallEnd call(String from, String to) {
    ProbeTarget target = targets(from, to).get(0);
    return call(target.client(), target.service(), target.port(), target.backend(), TIMEOUT);
  }

  CallEnd call(Pod client, Service service, ServicePort port, Backend backend, Duration timeout) {
    return sandbox
        .clients()
        .make(new SandboxCall(client, service, port, backend, "/", timeout, false));
  }

  /** Calls past Services since the start. */
  List<DirectCall> direct() {
    return sandbox.trafficRecord().read(clock.instant(), Duration.ZERO).direct()
            instanceof Evidence.Measured<List<DirectCall>> measured
        ? measured.value()
        : List.of();
  }

  WriteResult create(String namespace, MtlsMode mode) {
    return sandbox
        .policyWriter()
        .apply(creation(namespace, PeerAuthentication.Spec.of(mode)), false);
  }

  WriteIntent creation(String namespace, PeerAuthentication.@Nullable Spec after) {
    return intent(ObjectRef.peerAuthentication(namespace, "default"), null, after, "", "");
  }

  /** A write on the policy as it is now. */
  WriteIntent change(String namespace, String name, PeerAuthentication.@Nullable Spec after) {
    PeerAuthentication now = policy(namespace, name);
    return intent(now.ref(), now.spec(), after, now.meta().uid(), now.meta().resourceVersion());
  }

  WriteIntent intent(
      ObjectRef ref,
      PeerAuthentication.@Nullable Spec before,
      PeerAuthentication.@Nullable Spec after,
      String uid,
      String version) {
    return new WriteIntent(
        new PolicyChange(ref, before, after, PolicyChange.Purpose.LOCK, false, "test"),
        "marker",
        uid,
        version,
        1,
        clock.instant());
  }

  PeerAuthentication policy(String namespace, String name) {
    return sandbox.policyWriter().read(ObjectRef.peerAuthentication(namespace, name)).orElseThrow();
  }

  void fault(Fault.Kind kind, String target, Duration lasts) {
    sandbox.happen(new ScenarioEvent.Action.Break(new Fault(kind, target, lasts)));
  }

  Evidence<NamespaceTraffic> evidence(String namespace, Duration window) {
    return sandbox.trafficRecord().read(clock.instant(), window).of(namespace);
  }

  Refusals refusals(String namespace, Duration window) {
    return sandbox.trafficRecord().read(clock.instant(), window).refusals(namespace);
  }

  NamespaceTraffic measured(String namespace, Duration window) {
    return ((Evidence.Measured<NamespaceTraffic>) evidence(namespace, window)).value();
  }
}
