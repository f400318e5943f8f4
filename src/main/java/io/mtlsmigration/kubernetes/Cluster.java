// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.access.Authorizer;
import io.mtlsmigration.kubernetes.access.ClusterAccess;
import io.mtlsmigration.kubernetes.forward.ForwardedPort;
import io.mtlsmigration.kubernetes.inventory.ClusterInventory;
import io.mtlsmigration.kubernetes.istiod.IstiodSync;
import io.mtlsmigration.kubernetes.lease.LeaseLeadership;
import io.mtlsmigration.kubernetes.lease.LeaseOptions;
import io.mtlsmigration.kubernetes.ledger.ClusterEvents;
import io.mtlsmigration.kubernetes.ledger.ClusterLedger;
import io.mtlsmigration.kubernetes.ledger.ClusterNoticeCursors;
import io.mtlsmigration.kubernetes.ledger.PlanController;
import io.mtlsmigration.kubernetes.logs.AccessLogCallers;
import io.mtlsmigration.kubernetes.logs.AccessLogRefusals;
import io.mtlsmigration.kubernetes.logs.AddressHistory;
import io.mtlsmigration.kubernetes.logs.ClusterNodes;
import io.mtlsmigration.kubernetes.logs.HeldConnectionReader;
import io.mtlsmigration.kubernetes.logs.LogSource;
import io.mtlsmigration.kubernetes.policy.ClusterDryRuns;
import io.mtlsmigration.kubernetes.policy.ClusterPolicies;
import io.mtlsmigration.kubernetes.policy.ClusterRatchet;
import io.mtlsmigration.kubernetes.probe.AgentOptions;
import io.mtlsmigration.kubernetes.probe.ConnectionLister;
import io.mtlsmigration.kubernetes.probe.DeploymentAgents;
import io.mtlsmigration.kubernetes.probe.ExecProber;
import io.mtlsmigration.kubernetes.wire.ExecWireTap;
import io.mtlsmigration.notice.NoticeCursors;
import io.mtlsmigration.probe.ProbeAgents;
import io.mtlsmigration.rollout.DryRunPolicies;
import io.mtlsmigration.rollout.InstalledRatchet;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.wire.WireTap;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * A connected cluster with every adapter on it. Opening it does not wait for the API server: while
 * the server is down it is retried in the background, and nothing is known until it has answered.
 */
public final class Cluster implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(Cluster.class);

  private final ClusterConnection connection;
  private final Clock clock;
  private final ClusterInventory inventory;
  private final ClusterLedger ledger;
  private final PolicyWriter policies;
  private final DryRunPolicies dryRuns;
  private final ExecProber prober;
  private final ConnectionLister lister;
  private final WireTap wireTap;
  private final IstiodSync sync;
  private final LeaseLeadership leadership;
  private final ClusterEvents events;
  private final LogSource logs;

  /** The resources to close, youngest first: each is closed before those that it depends on. */
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private Cluster(
      ClusterConnection connection, ClusterOptions options, Clock clock, LongSupplier ticker) {
    KubernetesClient client = connection.client();
    this.connection = opened(connection);
    this.clock = clock;
    this.inventory = opened(new ClusterInventory(client, clock, options.inventory()));
    KubernetesClient watching = opened(connection.watchingClient());
    this.ledger = opened(new ClusterLedger(client, watching, connection.ownNamespace(), clock));
    this.prober = opened(new ExecProber(client, options.probes(), ticker));
    this.lister = opened(new ConnectionLister(client, options.probes().container()));
    this.wireTap = new ExecWireTap(client, options.wire());
    this.sync =
        opened(
            new IstiodSync(client, inventory, clock, options.istiod(), options.ztunnelNamespace()));
    LeaseOptions lease = options.lease().apply(connection.ownNamespace());
    // A call that waits longer than half the renew deadline leaves no time for a second attempt.
    KubernetesClient elector =
        opened(connection.impatientClient(lease.renewDeadline().dividedBy(2)));
    this.leadership = new LeaseLeadership(elector, lease, clock, ticker);
    this.policies =
        new ClusterPolicies(
            client, options.personManagers(), leadership, ClusterPolicies.DEFAULT_TIMEOUT);
    this.dryRuns = new ClusterDryRuns(client, leadership, ClusterPolicies.DEFAULT_TIMEOUT);
    this.events =
        opened(
            new ClusterEvents(
                ledger, client, connection.ownNamespace(), lease.identity(), leadership));
    this.logs =
        new LogSource(
            client,
            inventory,
            new ClusterNodes(client, clock),
            new AddressHistory(AccessLogCallers.RETAINED),
            options.ztunnelNamespace());
    // Closed first, so that this replica stops acting before its adapters go away.
    opened(leadership);
  }

  /**
   * Creates all adapters; calls nothing before {@link #begin}.
   *
   * @param ticker nanoseconds that only go forward, such as {@code System::nanoTime}
   * @param vertx makes the calls; the caller closes it
   * @throws ConnectionException naming the missing or wrong connection setting
   */
  public static Cluster open(
      ClusterOptions options, Clock clock, LongSupplier ticker, Vertx vertx) {
    return new Cluster(
        ClusterConnection.open(options.connection(), ticker, vertx), options, clock, ticker);
  }

  /** Starts reading the cluster and takes part in leader election. Does not block. */
  public void begin() {
    LOG.infof(
        "Uses the cluster server=%s namespace=%s",
        connection.description(), connection.ownNamespace());
    inventory.start();
    var unused =
        ledger
            .start()
            .whenComplete(
                (read, failure) -> {
                  if (failure == null) {
                    LOG.info("The ledger has been read");
                  } else {
                    LOG.errorf(failure, "The ledger cannot be followed");
                  }
                });
    sync.start();
    events.start();
    leadership.start();
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Returns the namespace that the service keeps its records in. */
  public String ownNamespace() {
    return connection.ownNamespace();
  }

  public ClusterInventory inventory() {
    return inventory;
  }

  public ClusterLedger ledger() {
    return ledger;
  }

  /** Returns how far the receivers of notices have been told. */
  public NoticeCursors noticeCursors(Set<String> receivers) {
    return new ClusterNoticeCursors(connection.client(), ownNamespace(), receivers, clock);
  }

  public PolicyWriter policies() {
    return policies;
  }

  public InstalledRatchet ratchet() {
    return new ClusterRatchet(connection.client(), ownNamespace());
  }

  /** See {@link ClusterDryRuns}. */
  public DryRunPolicies dryRuns() {
    return dryRuns;
  }

  public ExecProber prober() {
    return prober;
  }

  public WireTap wireTap() {
    return wireTap;
  }

  public ProxySync sync() {
    return sync;
  }

  public LeaseLeadership leadership() {
    return leadership;
  }

  /**
   * Returns a task that reconciles plans made or commanded with kubectl; each run is one pass.
   *
   * @param commands on this cluster's ledger
   */
  public Runnable plans(PlanCommands commands) {
    return new PlanController(ledger, commands, leadership, clock)::turn;
  }

  /** Returns the address of the API server. */
  public URI server() {
    return URI.create(connection.client().getMasterUrl().toString());
  }

  /** See {@link ClusterAccess}, and {@link Authorizer}. */
  public ClusterAccess access() {
    return ClusterAccess.of(connection);
  }

  /** See {@link DeploymentAgents}. */
  public ProbeAgents agents(String image, Set<String> namespaces, OptionalLong user) {
    return new DeploymentAgents(
        connection.client(), new AgentOptions(image, namespaces, user, ownNamespace()));
  }

  /** See {@link AccessLogRefusals}. */
  public AccessLogRefusals refusals(
      Supplier<Set<String>> focus, OwnProbes probes, Duration lookBack) {
    return new AccessLogRefusals(logs, focus, probes, clock, lookBack);
  }

  /** See {@link AccessLogCallers}. */
  public AccessLogCallers callers(
      Supplier<AccessLogCallers.Gates> gates, OwnProbes probes, long bytes) {
    return new AccessLogCallers(
        logs, new ForwardedPort(connection.client()), gates, probes, clock, bytes);
  }

  /** See {@link HeldConnectionReader}. */
  public HeldConnectionReader heldConnections(Duration apart) {
    return new HeldConnectionReader(logs, lister::list, apart, clock);
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      AutoCloseable resource = opened.pop();
      try {
        resource.close();
      } catch (Exception e) {
        LOG.warnf(e, "Could not be closed what=%s", resource.getClass().getSimpleName());
      }
    }
  }
}
