// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import io.mtlsmigration.traffic.ShadowRecord;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.TrafficRecord;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Observations of the current mesh. Modes are resolved again only where facts changed; readings and
 * findings are computed on demand, and shared until the facts change or the observation is too old.
 */
@ApplicationScoped
public class LiveObservations implements Observations {

  private final Inventory inventory;
  private final TrafficRecord traffic;
  private final ShadowRecord shadows;
  private final ProxySync sync;
  private final ConnectivityLog log;
  private final Clock clock;
  private final Leadership leadership;
  private final Set<String> witnesses;
  private @Nullable Live last;
  private long lastTerm;

  LiveObservations(
      Inventory inventory,
      TrafficRecord traffic,
      ShadowRecord shadows,
      ProxySync sync,
      ConnectivityLog log,
      Clock clock,
      Leadership leadership,
      Settings settings) {
    this.inventory = inventory;
    this.traffic = traffic;
    this.shadows = shadows;
    this.sync = sync;
    this.log = log;
    this.clock = clock;
    this.leadership = leadership;
    this.witnesses = settings.probes().clientNamespaces().orElse(Set.of());
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the same object = nothing changed; equals would walk it
  public synchronized Observation latest() {
    long term = leadership.term();
    if (term != lastTerm) {
      lastTerm = term;
      log.usurped(clock.instant());
    }
    MeshSnapshot snapshot = inventory.snapshot();
    ConnectivityMatrix matrix = log.matrix();
    Instant now = clock.instant();
    Live known = last;
    if (known == null) {
      known = new Live(now, MeshModes.resolve(snapshot), matrix, new ConcurrentHashMap<>());
    } else if (known.modes.snapshot() != snapshot) {
      Map<String, List<Finding>> findings =
          known.modes.snapshot().sharesFacts(snapshot) ? known.findings : new ConcurrentHashMap<>();
      known = new Live(now, known.modes.refresh(snapshot), matrix, findings);
    } else if (known.matrix != matrix
        || now.isAfter(known.now.plus(Observation.SHARED_FOR))
        || now.isBefore(known.now)) {
      known = new Live(now, known.modes, matrix, known.findings);
    }
    last = known;
    return known;
  }

  /** The key of denials: a namespace, and the beginning of its dry run. */
  private record Judged(String namespace, Instant from) {}

  /** One observation. Its answers are cached, so that all gates of one turn see one world. */
  private final class Live implements Observation {
    private final Instant now;
    private final MeshModes modes;
    private final ConnectivityMatrix matrix;
    private final Map<String, List<Finding>> findings;
    private final Map<Duration, TrafficReading> readings = new ConcurrentHashMap<>();
    private final Map<String, ProxySync.Status> synced = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> strangers = new ConcurrentHashMap<>();
    private final Map<Judged, Evidence<List<ShadowDenial>>> denials = new ConcurrentHashMap<>();
    private final Map<Judged, Instant> counted = new ConcurrentHashMap<>();
    private final Optional<String> apart = leadership.clocksApart();
    private volatile @Nullable SeenCalls seen;

    Live(
        Instant now,
        MeshModes modes,
        ConnectivityMatrix matrix,
        Map<String, List<Finding>> findings) {
      this.now = now;
      this.modes = modes;
      this.matrix = matrix;
      this.findings = findings;
    }

    @Override
    public Instant now() {
      return now;
    }

    @Override
    public MeshModes modes() {
      return modes;
    }

    @Override
    public ConnectivityMatrix matrix() {
      return matrix;
    }

    @Override
    public TrafficReading traffic(Duration window) {
      return readings.computeIfAbsent(window, w -> traffic.read(now, w));
    }

    @Override
    public List<Finding> findings(String namespace) {
      return Hazards.together(
          findings.computeIfAbsent(namespace, ns -> Hazards.of(modes, ns)),
          seen().of(modes, namespace));
    }

    private SeenCalls seen() {
      SeenCalls known = seen;
      if (known == null) {
        known = SeenCalls.of(this::traffic, modes.snapshot());
        seen = known;
      }
      return known;
    }

    @Override
    public ProxySync.Status sync(String namespace) {
      return synced.computeIfAbsent(namespace, sync::of);
    }

    @Override
    public Set<String> witnesses() {
      return witnesses;
    }

    @Override
    public Optional<String> clocksApart() {
      return apart;
    }

    @Override
    public Set<String> strangers(String namespace) {
      return strangers.computeIfAbsent(namespace, sync::strangers);
    }

    @Override
    public Map<String, Set<String>> elsewhere() {
      return sync.elsewhere();
    }

    @Override
    public Evidence<List<ShadowDenial>> denials(String namespace, Instant from) {
      return denials.computeIfAbsent(
          new Judged(namespace, from), key -> shadows.denials(namespace, from, now));
    }

    @Override
    public Instant countedSince(String namespace, Instant from) {
      return counted.computeIfAbsent(
          new Judged(namespace, from), key -> shadows.countedSince(namespace, from, now));
    }
  }
}
