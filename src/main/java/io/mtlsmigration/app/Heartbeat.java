// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.SourceHealth;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Liveness and readiness: alive while the loop ticks, ready once the facts have been read. */
@Singleton
final class Heartbeat {

  /** The number of missed ticks in a row after which the process counts as dead. */
  private static final int MISSED_TICKS = 30;

  private final Clock clock;
  private final Duration limit;
  private volatile Instant lastTick;

  /** What the last tick could not do for any plan; empty when there was nothing. */
  private volatile String failure = "";

  Heartbeat(Clock clock, Settings settings) {
    this.clock = clock;
    this.limit = settings.loop().interval().multipliedBy(MISSED_TICKS);
    this.lastTick = clock.instant();
  }

  /**
   * Records a tick of the loop.
   *
   * @param left what it could not do for any plan, and is tried again; empty when there is nothing
   */
  void beat(String left) {
    failure = left;
    lastTick = clock.instant();
  }

  HealthCheckResponse alive() {
    Instant last = lastTick;
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("loop turns")
            .status(Duration.between(last, clock.instant()).compareTo(limit) <= 0)
            .withData("lastTick", last.toString());
    String left = failure;
    return left.isEmpty() ? response.build() : response.withData("triedAgain", left).build();
  }

  /** Reports down when the loop is stuck or fails each time. */
  @Liveness
  @Singleton
  static final class LoopTurns implements HealthCheck {
    private final Heartbeat heartbeat;

    LoopTurns(Heartbeat heartbeat) {
      this.heartbeat = heartbeat;
    }

    @Override
    public HealthCheckResponse call() {
      return heartbeat.alive();
    }
  }

  /**
   * Reports down until the facts have been read once, but not while they are old or a kind is
   * refused: all replicas would be down at once, with none left to report why; the facts' age holds
   * the gates.
   */
  @Readiness
  @Singleton
  static final class FactsRead implements HealthCheck {
    private final Inventory inventory;

    FactsRead(Inventory inventory) {
      this.inventory = inventory;
    }

    @Override
    public HealthCheckResponse call() {
      MeshSnapshot snapshot = inventory.snapshot();
      HealthCheckResponseBuilder response =
          HealthCheckResponse.named("facts read")
              .status(snapshot.known())
              .withData("observedAt", snapshot.observedAt().toString())
              .withData("namespaces", snapshot.namespaces().size());
      for (SourceHealth source : snapshot.sources()) {
        if (!source.problem().isEmpty()) {
          response.withData(source.source(), source.problem());
        }
      }
      return response.build();
    }
  }
}
