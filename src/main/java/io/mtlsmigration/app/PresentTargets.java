// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.probe.Prober;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes probes while this process leads, and whose client and endpoint are still those that they
 * were chosen for. A round may take long: another process may lead by then, for which they are a
 * client's calls; a StatefulSet's pod has the name of the one before it, and perhaps a proxy where
 * that one had none, and an address passes on to another server.
 */
final class PresentTargets implements Prober {

  private static final long READ_ANEW = Duration.ofSeconds(1).toNanos();

  private static final String CHANGED =
      "the client or the endpoint is another one since the round began";

  private static final String LEADS_NO_MORE = "this replica leads no more: the leader probes";

  private final Prober prober;
  private final Supplier<MeshSnapshot> facts;
  private final BooleanSupplier leads;
  private volatile @Nullable Read last;

  private record Read(MeshSnapshot facts, long at) {}

  PresentTargets(Prober prober, Supplier<MeshSnapshot> facts, BooleanSupplier leads) {
    this.prober = prober;
    this.facts = facts;
    this.leads = leads;
  }

  @Override
  public ProbeResult probe(ProbeTarget target, Duration timeout) {
    return probe(target, 0, timeout, () -> {});
  }

  @Override
  public ProbeResult probe(ProbeTarget target, int port, Duration timeout, Runnable ended) {
    if (!leads.getAsBoolean() || !present(target)) {
      ended.run();
      return new ProbeResult.NotPossible(leads.getAsBoolean() ? CHANGED : LEADS_NO_MORE);
    }
    return prober.probe(target, port, timeout, ended);
  }

  @Override
  public boolean canProbeFrom(Pod pod) {
    return prober.canProbeFrom(pod);
  }

  @Override
  public boolean lacksProgram(Pod pod) {
    return prober.lacksProgram(pod);
  }

  private boolean present(ProbeTarget target) {
    Pod client = target.client();
    Backend backend = target.backend();
    Pod server = target.pinned() ? backend.pod() : null;
    return is(client, now -> now.dataPlane() == client.dataPlane())
        && (server == null || is(server, now -> keeps(now, server, backend.ip())));
  }

  /** A pod's address on a second network, to which an EndpointSlice leads, is not in its status. */
  private static boolean keeps(Pod now, Pod then, String address) {
    return now.hasAddress(address) || !then.hasAddress(address);
  }

  /** Returns whether a pod is there, and as it has to be. */
  private boolean is(Pod pod, Predicate<Pod> wanted) {
    NamespaceFacts there = now().namespace(pod.namespace());
    return there != null
        && there.pods().stream()
            .anyMatch(now -> now.uid().equals(pod.uid()) && !now.terminated() && wanted.test(now));
  }

  private MeshSnapshot now() {
    Read known = last;
    long now = System.nanoTime();
    if (known == null || now - known.at() > READ_ANEW) {
      known = new Read(facts.get(), now);
      last = known;
    }
    return known.facts();
  }
}
