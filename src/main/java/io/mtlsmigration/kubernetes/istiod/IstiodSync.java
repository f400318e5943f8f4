// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.kubernetes.forward.ForwardedPort;
import io.mtlsmigration.kubernetes.forward.PodPort;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.rollout.ProxySync;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reports whether the proxies of a namespace follow its policies, from istiod's {@code
 * /debug/syncz}. The whole mesh is read at once, in the background, while there is demand.
 *
 * <p>A type that istiod shows as synced proves that the proxy has accepted what istiod last
 * <em>sent</em> to it. Right after a policy was written that means nothing: istiod may not have
 * seen the policy, or not have sent it. So a sidecar follows only when, in a reading that began
 * after the current policies of its namespace and of the root namespace were known here, it
 * acknowledges listeners that istiod made after their last change. Changes from before this process
 * first looked are unknown; for these, what istiod last sent has to suffice. It also suffices for
 * ztunnels, which are sent only differences.
 *
 * <p>For ambient pods whose policies have port-level modes istiod also shows the rules that it
 * makes for ztunnel; those must match the policies.
 *
 * <p>This does not prove that traffic obeys: connections drain, and a proxy may be told wrong.
 * Probes show that.
 *
 * <p>The pods judged are the captured ones, as everywhere, without gateways and waypoints, since
 * PeerAuthentication does not govern what they accept. A pod that is new and not ready, or whose
 * proxy has never run, and that no istiod knows is not waited for: its proxy will start with what
 * istiod then has. An ambient pod is judged by the ztunnels of its node.
 */
public final class IstiodSync implements ProxySync, AutoCloseable {

  private static final Logger LOG = Logger.getLogger(IstiodSync.class);

  /** The time after the last question at which reading stops. */
  private static final Duration WANTED = Duration.ofSeconds(30);

  /** The time for which the first callers after a pause wait, all together. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Duration CLOSING = Duration.ofSeconds(2);

  private final Inventory inventory;
  private final Clock clock;
  private final IstiodOptions options;
  private final IstiodQuery survey;
  private final Thread reader =
      Thread.ofPlatform().daemon().name("istiod-sync").unstarted(this::run);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wanted = lock.newCondition();
  private final Condition published = lock.newCondition();
  private Instant wantedAt = Instant.EPOCH;
  private Instant patience = Instant.EPOCH;
  private @Nullable IstiodReading last;
  private List<Gap> told = List.of();

  /** UIDs of pods whose sidecar some istiod has shown; it may be disconnected for a while. */
  private volatile Set<String> acquainted = Set.of();

  /**
   * Creates a source that is idle until {@link #start}. The caller closes the client.
   *
   * @param ztunnelNamespace the namespace of ztunnel's DaemonSet
   */
  public IstiodSync(
      KubernetesClient client,
      Inventory inventory,
      Clock clock,
      IstiodOptions options,
      String ztunnelNamespace) {
    this(new ForwardedPort(client), inventory, clock, options, ztunnelNamespace);
  }

  IstiodSync(
      PodPort port,
      Inventory inventory,
      Clock clock,
      IstiodOptions options,
      String ztunnelNamespace) {
    this.inventory = inventory;
    this.clock = clock;
    this.options = options;
    this.survey = new IstiodQuery(port, inventory, clock, options, ztunnelNamespace);
  }

  /** Starts waiting for questions. Returns at once. */
  public void start() {
    reader.start();
  }

  @Override
  public Status of(String namespace) {
    MeshSnapshot snapshot = inventory.snapshot();
    if (snapshot.observedAt().equals(Instant.EPOCH)) {
      return new Status.Unknown("it is not known yet which pods there are");
    }
    NamespaceFacts facts = snapshot.namespace(namespace);
    List<Pod> pods = facts == null ? List.of() : running(facts);
    if (facts == null || pods.isEmpty()) {
      return new Status.Synced();
    }
    IstiodReading reading = reading();
    Instant now = clock.instant();
    if (reading == null) {
      return new Status.Unknown("istiod has not answered yet; it is being asked");
    }
    if (reading.age(now).compareTo(options.maxAge()) > 0) {
      return new Status.Unknown(
          "istiod was last asked at "
              + reading.begun()
              + ", and what is older than "
              + options.maxAge().toMillis()
              + " ms does not count; if answers take that long, raise"
              + " mtls-migration.istiod.max-age");
    }
    return reading.judge(snapshot, facts, pods, now, options);
  }

  @Override
  public Set<String> strangers(String namespace) {
    NamespaceFacts facts = inventory.snapshot().namespace(namespace);
    IstiodReading reading = facts == null ? null : reading();
    return facts == null
            || reading == null
            || reading.age(clock.instant()).compareTo(options.maxAge()) > 0
        ? Set.of()
        : reading.strangers(running(facts), acquainted);
  }

  @Override
  public Map<String, Set<String>> elsewhere() {
    lock.lock();
    try {
      return last == null ? Map.of() : last.elsewhere();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns the pods that run. A pod without an address has not started; the proxy of a pod that is
   * not ready may not have.
   */
  private static List<Pod> running(NamespaceFacts facts) {
    List<Pod> running = new ArrayList<>();
    for (Pod pod : facts.pods()) {
      if (pod.dataPlane().captured() && !pod.terminated() && !pod.ip().isEmpty()) {
        running.add(pod);
      }
    }
    return running;
  }

  private @Nullable IstiodReading reading() {
    lock.lock();
    try {
      Instant now = clock.instant();
      // A clock that was set back does not lengthen it.
      if (now.isAfter(wantedAt.plus(WANTED)) || patience.isAfter(now.plus(PATIENCE))) {
        patience = now.plus(PATIENCE);
      }
      wantedAt = now;
      wanted.signal();
      long left = Duration.between(now, patience).toNanos();
      while (left > 0 && reader.isAlive() && !fresh()) {
        left = published.awaitNanos(left);
      }
      return last;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return last;
    } finally {
      lock.unlock();
    }
  }

  private boolean fresh() {
    return last != null && last.age(clock.instant()).compareTo(options.maxAge()) <= 0;
  }

  private void run() {
    try {
      while (!Thread.interrupted()) {
        awaitQuestion();
        Instant begun = clock.instant();
        try {
          read();
        } catch (RuntimeException | Error e) {
          // Nothing may end the thread silently.
          LOG.error("reading istiod failed", e);
        }
        Thread.sleep(pause(Duration.between(begun, clock.instant())));
      }
    } catch (InterruptedException e) {
      LOG.debug("reading istiod ends");
    }
  }

  /** No reading takes longer than its calls may; a clock that was set ahead meanwhile says so. */
  private Duration pause(Duration took) {
    Duration longest = options.timeout().plus(options.every());
    Duration most = took.compareTo(longest) > 0 ? longest : took;
    return most.compareTo(options.every()) > 0 ? most : options.every();
  }

  private void awaitQuestion() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (clock.instant().isAfter(wantedAt.plus(WANTED))) {
        wanted.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Queries every istiod once. Blocks; called by one thread at a time. */
  void read() throws InterruptedException {
    IstiodReading reading = survey.take();
    tell(reading.gaps());
    acquainted = reading.acquainted(acquainted);
    lock.lock();
    try {
      last = reading;
      published.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void tell(List<Gap> gaps) {
    for (Gap gap : gaps) {
      if (!told.contains(gap)) {
        LOG.warnf(
            "istiod not readable namespace=%s pod=%s detail=%s",
            gap.pod().namespace(), gap.pod().name(), gap.detail());
      }
    }
    if (gaps.isEmpty() && !told.isEmpty()) {
      LOG.info("istiod readable again");
    }
    told = gaps;
  }

  /** Stops reading; the last reading ages. */
  @Override
  public void close() {
    reader.interrupt();
    survey.close();
    try {
      reader.join(CLOSING.toMillis()); // returns at once when it was never started
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
