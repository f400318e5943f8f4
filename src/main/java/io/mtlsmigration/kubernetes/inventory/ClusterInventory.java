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
 * <p>Until every kind has been listed once, or refused, the mesh is empty; {@code observedAt} is
 * {@link Instant#EPOCH} until every kind has been listed. While a kind cannot be read the facts
 * stay as they were, {@code observedAt} stays at the time when it last could, and a kind that the
 * server refuses is {@link Unreadable} besides.
 */
public final class ClusterInventory implements Inventory, AutoCloseable {

  /** Changes are gathered for so long before facts are made of them. */
  private static final Duration GATHERED_FOR = Duration.ofMillis(100);

  /**
   * How often it is told that the same facts are still complete. Whoever compares snapshots by
   * reference would otherwise find a new one with each bookmark.
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
   * A snapshot, and what it was made of.
   *
   * @param at when it was made
   * @param changes {@link KindFreshness#changes} of all sources
   * @param settled true from when it was known of every kind what can be read
   */
  private record Published(MeshSnapshot snapshot, Instant at, int changes, boolean settled) {}

  /** Does nothing yet: {@link #start} does. The client stays the caller's to close. */
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

  /** Begins to read. Returns at once. */
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
    if (due(last, now)) { // or another thread was faster
      int changes = changes(); // before what they are changes of
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
    // First how fresh they are, then the facts: these may be fresher than is told, never older.
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
    MeshSettings settings = configs.settings(last.settings());
    NavigableMap<String, NamespaceFacts> facts =
        store.facts(new FactStore.Surroundings(settings.rootNamespace(), unreadable, onlyKnown));
    return new MeshSnapshot(settings, oldest(health), facts, store.clusterObjects(), health);
  }

  private KindFreshness source(WatchedKind<?> kind) {
    return sources.get(WatchedKinds.ALL.indexOf(kind));
  }

  /** Facts are as old as the oldest of the kinds that they are made of. */
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

  /** Ends reading; the last snapshot stays. */
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
