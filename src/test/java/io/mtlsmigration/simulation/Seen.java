// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.prometheus.DryRunReadings;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one replica sees at one time, through its watch and by its clock. */
final class Seen implements Observation {

  private final World world;
  private final Replica replica;
  private final Instant now;
  private final Cluster.Version version;
  private final MeshModes modes;
  private final Map<Duration, TrafficReading> readings = new HashMap<>();
  private @Nullable DryRunReadings shadows;

  Seen(World world, Replica replica) {
    this.world = world;
    this.replica = replica;
    this.now = replica.clock().instant();
    this.version = replica.view();
    this.modes = version.modes.refresh(version.facts.observed(replica.observedAt(), List.of()));
  }

  /** Of which second its facts are. */
  long of() {
    return version.at;
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
    return replica.probes.matrix(this);
  }

  @Override
  public TrafficReading traffic(Duration window) {
    return readings.computeIfAbsent(window, w -> world.scrapes.read(replica, w));
  }

  @Override
  public List<Finding> findings(String namespace) {
    return version.findings(namespace);
  }

  private DryRunReadings shadows() {
    if (shadows == null) {
      shadows = replica.shadows();
    }
    return shadows;
  }

  @Override
  public Evidence<List<ShadowDenial>> denials(String namespace, Instant from) {
    world.calls().advance(world.now());
    return shadows().denials(namespace, from, now);
  }

  @Override
  public Instant countedSince(String namespace, Instant from) {
    return shadows().countedSince(namespace, from, now);
  }

  @Override
  public ProxySync.Status sync(String namespace) {
    return world.proxies.sync(namespace);
  }
}
