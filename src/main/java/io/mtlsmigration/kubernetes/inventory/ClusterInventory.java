// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.SourceHealth;
import io.mtlsmigration.mesh.Unreadable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;

/**
 * The facts of a real cluster, kept up to date in the background.
 *
 * <p>The mesh is empty until every kind has been listed once or refused; {@code observedAt} is
 * {@link Instant#EPOCH} until every kind has been listed. While a kind cannot be read, the facts
 * stay as they were and {@code observedAt} stays at the last time it could be; a kind that the
 * server refuses is also reported as {@link Unreadable}.
 */
public final class ClusterInventory implements Inventory, AutoCloseable {

  /** How long changes are batched before facts are made of them. */
  private static final Duration GATHERED_FOR = Duration.ofMillis(100);

  /**
   * The interval at which unchanged facts are republished as still complete. Without it, callers
   * that compare snapshots by reference would see a new one with each bookmark.
   */
  private static final Duration TOLD_EVERY = Duration.ofSeconds(5);

  private static final Duration CLOSING = Duration.ofSeconds(2);

  private final Clock clock;
  private final InventoryOptions options;
  private final FactStore store = new FactStore();
  private final List<KindFreshness> sources = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile Published published;

  /**
   * A snapshot with the state it was made from.
   *
   * @param at the time it was made
   * @param changes {@link KindFreshness#changes} of all sources
   * @param settled true once it is known of every kind what can be read
   */
  private record Published(MeshSnapshot snapshot, Instant at, int changes, boolean settled) {}

  /** Creates an inventory that is idle until {@link #start}. The caller closes the client. */
  public ClusterInventory(KubernetesClient client, Clock clock, InventoryOptions options) {
    this.clock = clock;
    this.options = options;
    ApiReader api = new ApiReader(client, options);
    for (WatchedKind<?> kind : WatchedKinds.ALL) {
      KindFreshness source = new KindFreshness(kind);
      sources.add(source);
      threads.add(thread(kind, new Reflector<>(kind, source, api, store, clock, options)));
    }
    MeshSnapshot nothing =
        new MeshSnapshot(
            MeshSettings.DEFAULT,
            Instant.EPOCH,
            Collections.emptyNavigableMap(),
            List.of(),
            health());
    this.published = new Published(nothing, clock.instant(), 0, false);
  }

  private static Thread thread(WatchedKind<?> kind, Runnable work) {
    return Thread.ofPlatform().daemon().name("inventory-" + kind).unstarted(work);
  }

  /** Starts reading. Returns at once. */
  public void start() {
    threads.forEach(Thread::start);
  }

  @Override
  public MeshSnapshot snapshot() {
    Instant now = clock.instant();
    Published last = published;
    return due(last, now) ? publish(now) : last.snapshot;
  }

  private boolean due(Published last, Instant now) {
    Duration age = Duration.between(last.at, now).abs(); // the clock may have been set back
    return age.compareTo(TOLD_EVERY) >= 0
        || last.changes != changes()
        || (last.settled && store.dirty() && age.compareTo(GATHERED_FOR) >= 0);
  }

  private synchronized MeshSnapshot publish(Instant now) {
    Published last = published;
    if (due(last, now)) { // another thread was faster
      int changes = changes(); // read before the facts that they count
      boolean settled = last.settled || sources.stream().allMatch(KindFreshness::settled);
      MeshSnapshot next = settled ? facts(last.snapshot) : beginning(last.snapshot);
      published =
          new Published(same(last.snapshot, next) ? last.snapshot : next, now, changes, settled);
    }
    return published.snapshot;
  }

  private MeshSnapshot beginning(MeshSnapshot last) {
    return last.observed(Instant.EPOCH, health());
  }

  private MeshSnapshot facts(MeshSnapshot last) {
    // Freshness is read before the facts: the facts may be fresher than reported, never older.
    List<SourceHealth> health = new ArrayList<>(health());
    boolean onlyKnown = source(WatchedKinds.NAMESPACES).complete();
    boolean configured = source(WatchedKinds.MESH_CONFIGS).complete();
    List<Unreadable> unreadable = new ArrayList<>();
    sources.forEach(source -> source.unreadable().ifPresent(unreadable::add));

    MeshConfigs configs = store.meshConfigs(options.istioNamespace());
    health.replaceAll(
        told ->
            told.source().equals(WatchedKinds.MESH_CONFIGS.source()) ? configs.judged(told) : told);
    if (configured) {
      unreadable.addAll(configs.missing());
      if (configs.differ()) {
        unreadable.addAll(configs.contradicting(store.revisions()));
      }
    }
    unreadable.addAll(store.clusterUnreadable());
    MeshSettings settings = configs.settings(last.settings()).in(options.clusterDomain());
    unreadable.addAll(configs.outside(settings.rootNamespace()));
    NavigableMap<String, NamespaceFacts> facts =
        store.facts(new FactStore.Surroundings(settings.rootNamespace(), unreadable, onlyKnown));
    return new MeshSnapshot(settings, oldest(health), facts, store.clusterObjects(), health);
  }

  private KindFreshness source(WatchedKind<?> kind) {
    return sources.get(WatchedKinds.ALL.indexOf(kind));
  }

  /** Returns the time of the oldest kind, which is that of the facts as a whole. */
  private static Instant oldest(List<SourceHealth> health) {
    Instant oldest = Instant.MAX;
    for (SourceHealth source : health) {
      Instant asOf = source.asOf();
      if (asOf == null) {
        return Instant.EPOCH;
      }
      oldest = asOf.isBefore(oldest) ? asOf : oldest;
    }
    return oldest;
  }

  private static boolean same(MeshSnapshot last, MeshSnapshot next) {
    return last.sharesFacts(next)
        && last.observedAt().equals(next.observedAt())
        && last.sources().equals(next.sources());
  }

  private int changes() {
    int changes = 0;
    for (KindFreshness source : sources) {
      changes += source.changes();
    }
    return changes;
  }

  private List<SourceHealth> health() {
    return sources.stream().map(KindFreshness::health).toList();
  }

  /** Stops reading; the last snapshot stays available. */
  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    for (Thread thread : threads) {
      if (thread.getState() == Thread.State.NEW) {
        continue; // closed before it was started
      }
      try {
        thread.join(CLOSING);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
