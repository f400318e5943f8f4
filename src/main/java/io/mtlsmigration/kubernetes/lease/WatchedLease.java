// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.lease;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.mtlsmigration.kubernetes.fields.ManagedFields;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A LeaseLock that reports its reads and writes to the {@link LeaseView} and corrects what
 * fabric8's elector takes on trust:
 *
 * <ul>
 *   <li>The elector compares the holder's clock with its own. It is given the time at which this
 *       process saw the lease change, as in client-go.
 *   <li>It dies of a lease without a spec, or with fields left out.
 *   <li>It omits a null holder from its patch, so a released lease would still name this process.
 *   <li>It dates a release as a renewal. It releases a lease that has lapsed as well, once the API
 *       server answers: nobody led until then.
 * </ul>
 */
final class WatchedLease extends LeaseLock {

  /**
   * The annotation with the address where the leader answers the other replicas. Nobody else may
   * write it (k8s/base/admission.yaml).
   */
  static final String ADDRESS_ANNOTATION = "mtls-migration.io/address";

  /** The field that only a renewal writes. */
  private static final List<String> RENEWAL = List.of("f:spec", "f:renewTime");

  private static final ZonedDateTime NEVER = Instant.EPOCH.atZone(ZoneOffset.UTC);

  private final LeaseOptions options;
  private final LeaseView view;
  private final Clock clock;

  WatchedLease(LeaseOptions options, LeaseView view, Clock clock) {
    super(
        new ObjectMetaBuilder()
            .withNamespace(options.namespace())
            .withName(options.name())
            .withLabels(Map.of("app.kubernetes.io/name", "mtls-migration"))
            .withAnnotations(Map.of(ADDRESS_ANNOTATION, options.address()))
            .build(),
        options.identity());
    this.options = options;
    this.view = view;
    this.clock = clock;
  }

  @Override
  public synchronized @Nullable LeaderElectionRecord get(KubernetesClient client) {
    view.attempt();
    return super.get(client);
  }

  @Override
  public synchronized void create(KubernetesClient client, LeaderElectionRecord next) {
    Instant begun = clock.instant();
    long sentAt = view.attempt();
    super.create(client, next);
    view.renewed(next, options.address(), sentAt, begun);
  }

  @Override
  public synchronized void update(KubernetesClient client, LeaderElectionRecord next) {
    boolean ours = identity().equals(next.getHolderIdentity());
    if (!ours) {
      view.letGo();
    }
    Instant begun = clock.instant();
    long sentAt = view.attempt();
    super.update(client, next);
    if (ours) {
      view.renewed(next, options.address(), sentAt, begun);
    }
  }

  @Override
  protected Lease toResource(LeaderElectionRecord next, ObjectMetaBuilder meta) {
    Lease lease = super.toResource(next, meta);
    if (next.getHolderIdentity() == null) {
      lease.getSpec().setHolderIdentity("");
      lease.getSpec().setRenewTime(view.renewedAt());
    }
    return lease;
  }

  @Override
  protected LeaderElectionRecord toRecord(Lease lease) {
    LeaseSpec spec = Objects.requireNonNullElseGet(lease.getSpec(), LeaseSpec::new);
    Integer seconds = spec.getLeaseDurationSeconds();
    Integer transitions = spec.getLeaseTransitions();
    ZonedDateTime now = clock.instant().atZone(ZoneOffset.UTC);
    LeaderElectionRecord read =
        new LeaderElectionRecord(
            spec.getHolderIdentity(),
            seconds == null ? options.duration() : Duration.ofSeconds(seconds),
            Objects.requireNonNullElse(spec.getAcquireTime(), NEVER),
            Objects.requireNonNullElse(spec.getRenewTime(), NEVER),
            transitions == null ? 0 : transitions);
    Instant stored = ManagedFields.writtenAt(lease.getMetadata(), RENEWAL).orElse(null);
    Duration unchanged = view.saw(read, address(lease), stored, identity());
    return read.toBuilder().renewTime(now.minus(unchanged)).build();
  }

  private static String address(Lease lease) {
    Map<String, String> annotations = lease.getMetadata().getAnnotations();
    return annotations == null ? "" : annotations.getOrDefault(ADDRESS_ANNOTATION, "");
  }
}
