// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.manifest.Manifest;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.manifest.ManifestWriter;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.Snapshots;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Makes the calls of a scenario and executes its events, in real time. */
final class ScenarioPlayer {

  private static final Logger LOG = Logger.getLogger(ScenarioPlayer.class);

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  /** The maximum number of concurrent calls of one kind; more are skipped, as with a pool. */
  private static final int UNDER_WAY = 20;

  private final SimulatedCluster cluster;
  private final SimulatedRatchet ratchet;
  private final Faults faults;
  private final ClientProxy clients;
  private final Clock clock;
  private final Timer timer;

  ScenarioPlayer(
      SimulatedCluster cluster,
      SimulatedRatchet ratchet,
      Faults faults,
      ClientProxy clients,
      Clock clock,
      Timer timer) {
    this.cluster = cluster;
    this.ratchet = ratchet;
    this.faults = faults;
    this.clients = clients;
    this.clock = clock;
    this.timer = timer;
  }

  void play(Scenario scenario) {
    scenario.calls().forEach(this::schedule);
    for (ScenarioEvent event : scenario.events()) {
      timer.after(event.at(), () -> happen(event.action()));
    }
  }

  private void schedule(TrafficCall call) {
    AtomicLong number = new AtomicLong();
    Semaphore underWay = new Semaphore(UNDER_WAY);
    Duration period = Duration.ofNanos((long) (1e9 / call.rate()));
    Timer.Task calls =
        timer.every(
            call.start(),
            period,
            () -> {
              if (underWay.tryAcquire()) {
                Thread.ofVirtual()
                    .name("traffic-" + call.from())
                    .start(() -> make(call, number.getAndIncrement(), underWay));
              }
            });
    Duration end = call.end();
    if (end != null) {
      timer.after(end, calls::cancel);
    }
  }

  private void make(TrafficCall call, long number, Semaphore underWay) {
    try {
      make(call, number);
    } finally {
      underWay.release();
    }
  }

  /** Makes a call; clients and endpoints take turns. Without a client there is no call. */
  private void make(TrafficCall call, long number) {
    List<Pod> callers = cluster.running(call.from());
    if (!callers.isEmpty()) {
      // Divided, so that clients in turn do not always call the same endpoints.
      clients.make(
          callers.get((int) (number % callers.size())),
          call.to(),
          number / callers.size(),
          CALL_TIMEOUT);
    }
  }

  void happen(ScenarioEvent.Action action) {
    switch (action) {
      case ScenarioEvent.Action.Apply apply -> apply(apply.manifest());
      case ScenarioEvent.Action.Delete delete -> delete(delete.ref());
      case ScenarioEvent.Action.Inject inject -> cluster.inject(inject.workload());
      case ScenarioEvent.Action.Break broken -> faults.begin(broken.fault());
    }
  }

  private void delete(ObjectRef ref) {
    if (admitted(ref, null)) {
      cluster.delete(ref);
    }
  }

  /** Returns whether the ratchet admits a write, whoever makes it, as admission does. */
  private boolean admitted(ObjectRef ref, PeerAuthentication.@Nullable Spec after) {
    MeshSnapshot snapshot = cluster.snapshot();
    PeerAuthentication present = Snapshots.find(snapshot, ref);
    if (present == null && after == null) {
      return true;
    }
    PolicyChange change =
        new PolicyChange(
            ref,
            present == null ? null : present.spec(),
            after,
            PolicyChange.Purpose.LOCK,
            false,
            "");
    Optional<String> denied = ratchet.refusal(change);
    denied.ifPresent(why -> LOG.warnf("An event was refused: %s", why));
    return denied.isEmpty();
  }

  private void apply(Manifest manifest) {
    if (SimulatedRatchet.isEntries(manifest.ref())) {
      ratchet.install(SimulatedRatchet.read(manifest));
      return;
    }
    List<Manifest> objects = new ArrayList<>();
    objects.add(manifest);
    String namespace = manifest.ref().namespace();
    NamespaceFacts known = cluster.namespace(namespace);
    if (known != null) {
      // The webhook reads the namespace, so it has to be in the set.
      objects.add(asManifest(known));
    }
    MeshSnapshot delta = ScenarioManifests.reader().read(objects, clock.instant()).snapshot();
    boolean admitted =
        delta.namespaces().values().stream()
            .flatMap(facts -> facts.peerAuthentications().stream())
            .allMatch(policy -> admitted(policy.ref(), policy.spec()));
    if (admitted) {
      cluster.merge(delta);
    }
  }

  private static Manifest asManifest(NamespaceFacts facts) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "v1").put("kind", "Namespace");
    ObjectNode metadata = object.putObject("metadata").put("name", facts.name());
    fill(metadata.putObject("labels"), facts.labels());
    fill(metadata.putObject("annotations"), facts.annotations());
    return ManifestReader.read(ManifestWriter.yaml(object), facts.name()).objects().get(0);
  }

  private static void fill(ObjectNode node, Map<String, String> entries) {
    entries.forEach(node::put);
  }
}
