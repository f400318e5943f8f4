// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteResult;
import java.net.ConnectException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The PeerAuthentications of the simulated API server, written by an API server's rules: under
 * preconditions, through Istio's validation, with owners of fields.
 */
final class SimulatedPolicies implements PolicyWriter {

  private static final String NO_ANSWER = "the API server does not answer";

  /** An RFC 1123 subdomain, which the API server requires of names. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

  private final SimulatedCluster cluster;
  private final Faults faults;
  private final SimulatedRatchet ratchet;
  private final Clock clock;

  SimulatedPolicies(
      SimulatedCluster cluster, Faults faults, SimulatedRatchet ratchet, Clock clock) {
    this.cluster = cluster;
    this.faults = faults;
    this.ratchet = ratchet;
    this.clock = clock;
  }

  @Override
  public WriteResult apply(WriteIntent intent, boolean adopt) {
    return write(intent, adopt, true);
  }

  @Override
  public WriteResult dryRun(WriteIntent intent, boolean adopt) {
    return write(intent, adopt, false);
  }

  @Override
  public Optional<PeerAuthentication> read(ObjectRef ref) {
    answers();
    return Optional.ofNullable(find(ref));
  }

  @Override
  public Map<ObjectRef, String> versions(String namespace) {
    answers();
    NamespaceFacts facts = cluster.namespace(namespace);
    return facts == null ? Map.of() : versions(Stream.of(facts));
  }

  @Override
  public Map<ObjectRef, String> versions() {
    answers();
    return versions(cluster.snapshot().namespaces().values().stream());
  }

  private static Map<ObjectRef, String> versions(Stream<NamespaceFacts> all) {
    return all.flatMap(facts -> facts.peerAuthentications().stream())
        .collect(Collectors.toMap(PeerAuthentication::ref, policy -> policy.meta().version()));
  }

  @Override
  public String namespaceUid(String name) {
    answers();
    NamespaceFacts facts = cluster.namespace(name);
    return facts == null ? "" : facts.uid();
  }

  private void answers() {
    if (faults.inForce(Fault.Kind.API_DOWN)) {
      throw new PolicyReadException(NO_ANSWER, new ConnectException(NO_ANSWER));
    }
  }

  private WriteResult write(WriteIntent intent, boolean adopt, boolean store) {
    if (faults.inForce(Fault.Kind.API_DOWN)) {
      return new WriteResult.Unknown(NO_ANSWER);
    }
    // Check and change are atomic, as in etcd.
    synchronized (cluster) {
      Verdict verdict = judge(intent, adopt);
      if (verdict.failure() != null) {
        return verdict.failure();
      }
      if (store) {
        store(intent.change().ref(), verdict.policy());
      }
      return new WriteResult.Applied(verdict.policy());
    }
  }

  /** The object that would be stored ({@code policy} null = a delete), or a failure. */
  private record Verdict(@Nullable PeerAuthentication policy, @Nullable WriteResult failure) {
    static Verdict failed(WriteResult failure) {
      return new Verdict(null, failure);
    }
  }

  private Verdict judge(WriteIntent intent, boolean adopt) {
    PolicyChange change = intent.change();
    PeerAuthentication existing = find(change.ref());
    WriteResult problem =
        change.before() == null
            ? creatable(change.ref(), existing)
            : current(intent, change.ref(), existing);
    if (problem != null) {
      return Verdict.failed(problem);
    }
    Optional<String> denied = ratchet.refusal(change);
    if (denied.isPresent()) {
      return Verdict.failed(new WriteResult.Refused(denied.get()));
    }
    PeerAuthentication.Spec after = change.after();
    if (after == null) {
      return new Verdict(null, null);
    }
    Optional<String> invalid = invalid(change.ref(), after);
    if (invalid.isPresent()) {
      return Verdict.failed(new WriteResult.Refused(invalid.get()));
    }
    if (existing == null) {
      return new Verdict(created(intent, after), null);
    }
    WriteResult foreign = foreign(existing, after, adopt);
    return foreign == null ? new Verdict(updated(existing, after), null) : Verdict.failed(foreign);
  }

  private @Nullable WriteResult creatable(ObjectRef ref, @Nullable PeerAuthentication existing) {
    if (existing != null) {
      return new WriteResult.Conflict(ref + " exists already");
    }
    NamespaceFacts namespace = cluster.namespace(ref.namespace());
    if (namespace == null) {
      return new WriteResult.Refused("namespace " + ref.namespace() + " not found");
    }
    if (namespace.terminating()) {
      return new WriteResult.Refused("namespace " + ref.namespace() + " is being terminated");
    }
    if (namespace.unreadable().stream().anyMatch(u -> u.ref().equals(ref))) {
      return new WriteResult.Conflict(ref + " exists already, and cannot be read");
    }
    return null;
  }

  private static @Nullable WriteResult current(
      WriteIntent intent, ObjectRef ref, @Nullable PeerAuthentication existing) {
    if (existing == null) {
      return new WriteResult.Conflict(ref + " is gone");
    }
    if (!intent.uid().isEmpty() && !intent.uid().equals(existing.meta().uid())) {
      return new WriteResult.Conflict(ref + " was deleted and created anew");
    }
    if (!intent.resourceVersion().equals(existing.meta().resourceVersion())) {
      return new WriteResult.Conflict(
          "%s is at version %s, not %s"
              .formatted(ref, existing.meta().resourceVersion(), intent.resourceVersion()));
    }
    return null;
  }

  /**
   * Validates a policy like {@code ValidatePeerAuthentication} in istio
   * pkg/config/validation/validation.go.
   */
  private static Optional<String> invalid(ObjectRef ref, PeerAuthentication.Spec spec) {
    if (!NAME.matcher(ref.name()).matches()) {
      return Optional.of("metadata.name: '" + ref.name() + "' is not a DNS subdomain");
    }
    if (spec.selector().isEmpty() && !spec.portModes().isEmpty()) {
      return Optional.of("spec.portLevelMtls: needs a selector");
    }
    for (int port : spec.portModes().keySet()) {
      if (port < 1 || port > 65_535) {
        return Optional.of("spec.portLevelMtls: " + port + " is not a port");
      }
    }
    return Optional.empty();
  }

  private static @Nullable WriteResult foreign(
      PeerAuthentication existing, PeerAuthentication.Spec after, boolean adopt) {
    boolean mode = existing.spec().mode() != after.mode();
    boolean more = changesWhatIsThere(existing.spec(), after);
    for (FieldOwner owner : existing.meta().owners()) {
      boolean ours = owner.manager().equals(FIELD_MANAGER);
      boolean inTheWay = (mode && owner.ownsMode()) || (more && owner.ownsSpec());
      if (ours || !inTheWay) {
        continue;
      }
      // Only the mode of a person's fields is ever taken over, and only when somebody allowed it.
      if (!(adopt && owner.person() && !more)) {
        return new WriteResult.OwnedByOther(
            owner.manager(),
            "%s: conflict with \"%s\" over %s"
                .formatted(existing.ref(), owner.manager(), more ? ".spec" : ".spec.mtls.mode"));
      }
    }
    return null;
  }

  /**
   * Returns whether existing fields change; a new port belongs to whoever adds it, everything else
   * had an owner before.
   */
  private static boolean changesWhatIsThere(
      PeerAuthentication.Spec before, PeerAuthentication.Spec after) {
    if (!before.selector().equals(after.selector())) {
      return true;
    }
    for (Map.Entry<Integer, MtlsMode> port : before.portModes().entrySet()) {
      if (!Objects.equals(after.portModes().get(port.getKey()), port.getValue())) {
        return true;
      }
    }
    return false;
  }

  private PeerAuthentication created(WriteIntent intent, PeerAuthentication.Spec spec) {
    return new PeerAuthentication(
        new ObjectMeta(
            intent.change().ref(),
            ApiIdentity.newUid(),
            cluster.identity().nextVersion(),
            // The API server stores whole seconds.
            clock.instant().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
            Map.of(),
            Map.of(MARKER_ANNOTATION, intent.marker()),
            List.of(new FieldOwner(FIELD_MANAGER, true, true))),
        spec);
  }

  private PeerAuthentication updated(PeerAuthentication existing, PeerAuthentication.Spec spec) {
    if (existing.spec().equals(spec)) {
      return existing;
    }
    boolean mode = existing.spec().mode() != spec.mode();
    List<FieldOwner> owners = new ArrayList<>();
    boolean ownedMode = mode;
    for (FieldOwner owner : existing.meta().owners()) {
      if (owner.manager().equals(FIELD_MANAGER)) {
        ownedMode |= owner.ownsMode();
      } else {
        owners.add(mode ? owner.withoutMode() : owner);
      }
    }
    owners.add(new FieldOwner(FIELD_MANAGER, true, ownedMode));
    ObjectMeta meta = existing.meta();
    return new PeerAuthentication(
        new ObjectMeta(
            meta.ref(),
            meta.uid(),
            cluster.identity().nextVersion(),
            meta.createdAt(),
            meta.labels(),
            meta.annotations(),
            owners,
            meta.held()),
        spec);
  }

  private @Nullable PeerAuthentication find(ObjectRef ref) {
    NamespaceFacts facts = cluster.namespace(ref.namespace());
    if (facts != null) {
      for (PeerAuthentication policy : facts.peerAuthentications()) {
        if (policy.ref().equals(ref)) {
          return policy;
        }
      }
    }
    return null;
  }

  private void store(ObjectRef ref, @Nullable PeerAuthentication policy) {
    cluster.change(
        ref.namespace(),
        facts -> {
          List<PeerAuthentication> next = new ArrayList<>();
          for (PeerAuthentication other : facts.peerAuthentications()) {
            if (!other.ref().equals(ref)) {
              next.add(other);
            }
          }
          if (policy != null) {
            next.add(policy);
          }
          return facts.withPeerAuthentications(next);
        });
  }
}
