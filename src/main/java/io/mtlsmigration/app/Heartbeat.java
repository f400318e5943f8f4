package io.mtlsmigration.app;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.rollout.Limits;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Alive means that the loop has turned lately; ready means that it has fresh facts to turn on. */
@ApplicationScoped
public class Heartbeat {

  /** Ticks that may fail in a row before the process is taken for dead. */
  private static final int MISSED_TICKS = 30;

  private final Clock clock;
  private final Settings settings;
  private volatile Instant lastTick;

  Heartbeat(Clock clock, Settings settings) {
    this.clock = clock;
    this.settings = settings;
    this.lastTick = clock.instant();
  }

  /** The loop has turned once more. */
  void beat() {
    lastTick = clock.instant();
  }

  /** Down when the loop is stuck or dies each time. */
  @Liveness
  @ApplicationScoped
  public static class LoopTurns implements HealthCheck {
    private final Heartbeat heart;

    LoopTurns(Heartbeat heart) {
      this.heart = heart;
    }

    @Override
    public HealthCheckResponse call() {
      Duration since = Duration.between(heart.lastTick, heart.clock.instant());
      Duration limit = heart.settings.loop().interval().multipliedBy(MISSED_TICKS);
      return HealthCheckResponse.named("loop turns")
          .status(since.compareTo(limit) <= 0)
          .withData("lastTick", heart.lastTick.toString())
          .build();
    }
  }

  /** Down while the facts are older than a decision may use. */
  @Readiness
  @ApplicationScoped
  public static class FactsFresh implements HealthCheck {
    private final Inventory inventory;
    private final Clock clock;
    private final Duration limit;

    FactsFresh(Inventory inventory, Clock clock, Limits limits) {
      this.inventory = inventory;
      this.clock = clock;
      this.limit = limits.observationAge();
    }

    @Override
    public HealthCheckResponse call() {
      MeshSnapshot snapshot = inventory.snapshot();
      Duration age = Duration.between(snapshot.observedAt(), clock.instant());
      return HealthCheckResponse.named("facts fresh")
          .status(age.compareTo(limit) <= 0)
          .withData("observedAt", snapshot.observedAt().toString())
          .withData("namespaces", snapshot.namespaces().size())
          .build();
    }
  }
}
