// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteResult;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The API server, as far as PeerAuthentications are written through it. */
final class Policies {

  private final World world;

  /** Istio's webhook refuses until then. */
  long refusesUntil;

  /** Nobody is answered until then. */
  long downUntil;

  /** Nothing is stored until then. */
  long readOnlyUntil;

  int loseAnswers;
  int loseRequests;
  int conflicts;

  Policies(World world) {
    this.world = world;
  }

  void heal() {
    refusesUntil = 0;
    downUntil = 0;
    readOnlyUntil = 0;
    loseAnswers = 0;
    loseRequests = 0;
    conflicts = 0;
  }

  boolean answers() {
    return world.now() >= downUntil;
  }

  /** Why nothing is stored; empty when it is. */
  String away() {
    return !answers()
        ? "connection refused"
        : world.now() < readOnlyUntil ? "etcdserver: no leader" : "";
  }

  boolean losesRequest() {
    boolean loses = loseRequests > 0;
    loseRequests -= loses ? 1 : 0;
    return loses;
  }

  boolean losesAnswer() {
    boolean loses = loseAnswers > 0;
    loseAnswers -= loses ? 1 : 0;
    return loses;
  }

  PolicyWriter of(Replica replica) {
    return new Access(replica);
  }

  /** Somebody else writes: null deletes. False when the namespace is not there. */
  boolean person(ObjectRef ref, PeerAuthentication.@Nullable Spec spec) {
    Cluster.Namespace namespace = world.cluster.find(ref.namespace());
    if (namespace == null) {
      return false;
    }
    PeerAuthentication live = namespace.policies.get(ref.name());
    Cluster.Version before = world.cluster.now();
    if (spec == null) {
      if (live == null) {
        return false;
      }
      store(namespace, ref, null);
    } else {
      // Who sets the mode that is there already becomes no owner of it, and takes it from nobody.
      boolean same = live != null && live.spec().mode() == spec.mode();
      List<ObjectMeta.FieldOwner> owners = same ? live.meta().owners() : owner("kubectl-edit");
      store(namespace, ref, new PeerAuthentication(meta(ref, live, owners, Map.of()), spec));
    }
    world.judge.edited(ref, live, spec, before);
    return true;
  }

  private ObjectMeta meta(
      ObjectRef ref,
      @Nullable PeerAuthentication live,
      List<ObjectMeta.FieldOwner> owners,
      Map<String, String> marks) {
    return new ObjectMeta(
        ref,
        live == null ? "uid-" + world.cluster.revision() : live.meta().uid(),
        world.cluster.revision(),
        live == null ? world.instant() : live.meta().createdAt(),
        Map.of(),
        live == null ? marks : live.meta().annotations(),
        owners);
  }

  /** Whoever changes a mode owns it from then on, and nobody else. */
  private List<ObjectMeta.FieldOwner> owner(String manager) {
    return List.of(new ObjectMeta.FieldOwner(manager, true, true).changedAt(world.instant()));
  }

  private void store(
      Cluster.Namespace namespace, ObjectRef ref, @Nullable PeerAuthentication policy) {
    Set<String> before = strict(ref.namespace());
    if (policy == null) {
      namespace.policies.remove(ref.name());
    } else {
      namespace.policies.put(ref.name(), policy);
    }
    world.proxies.policyChanged(ref.namespace());
    world.cluster.changed(ref.namespace());
    Set<String> after = strict(ref.namespace());
    for (Workload workload : world.cluster.everyWorkload()) {
      if (before.contains(workload.id()) != after.contains(workload.id())) {
        workload.dropsCounters(world.now());
      }
    }
  }

  /** The workloads that a policy of a namespace may concern, and that refuse plaintext. */
  private Set<String> strict(String namespace) {
    Set<String> strict = new HashSet<>();
    Cluster.Version version = world.cluster.now();
    for (Workload workload : world.cluster.everyWorkload()) {
      boolean meant = namespace.equals(Cluster.ROOT) || workload.namespace.equals(namespace);
      if (meant
          && workload.pods.stream()
              .anyMatch(
                  pod ->
                      version.modes.namespace(workload.namespace).of(pod).of(Workload.PORT)
                          == MtlsMode.STRICT)) {
        strict.add(workload.id());
      }
    }
    return strict;
  }

  /** As one replica reaches it. */
  private final class Access implements PolicyWriter {
    private final Replica replica;

    Access(Replica replica) {
      this.replica = replica;
    }

    @Override
    public WriteResult apply(WriteIntent intent, boolean adopt) {
      ObjectRef ref = intent.change().ref();
      world.point(replica, "before the write of " + ref, true);
      if (losesRequest()) {
        return new WriteResult.Unknown("connection reset");
      }
      WriteResult no = refused(intent, adopt);
      if (no != null) {
        return no;
      }
      PeerAuthentication live = world.cluster.policy(ref);
      PeerAuthentication.Spec after = intent.change().after();
      PeerAuthentication written =
          after == null
              ? null
              : new PeerAuthentication(
                  meta(ref, live, owner(FIELD_MANAGER), Map.of(MARKER_ANNOTATION, intent.marker())),
                  after);
      Cluster.Version before = world.cluster.now();
      store(world.cluster.find(ref.namespace()), ref, written);
      world.story.write(world.now(), replica.name, intent);
      // Whoever was stopped between its last look and its write cannot know what came meanwhile.
      world.judge.written(replica, intent, before, replica.interrupted);
      world.point(replica, "after the write of " + ref, true);
      if (losesAnswer()) {
        return new WriteResult.Unknown("timed out");
      }
      return new WriteResult.Applied(written);
    }

    @Override
    public WriteResult dryRun(WriteIntent intent, boolean adopt) {
      WriteResult no = refused(intent, adopt);
      return no != null ? no : new WriteResult.Applied(null);
    }

    private @Nullable WriteResult refused(WriteIntent intent, boolean adopt) {
      PolicyChange change = intent.change();
      long now = world.now();
      if (!away().isEmpty()) {
        return new WriteResult.Unknown(away());
      }
      if (now < refusesUntil) {
        return new WriteResult.Refused("failed calling webhook");
      }
      if (conflicts > 0) {
        conflicts--;
        return new WriteResult.Conflict("has changed");
      }
      Cluster.Namespace namespace = world.cluster.find(change.ref().namespace());
      if (namespace == null || (namespace.terminating && change.before() == null)) {
        return new WriteResult.Refused("namespace is gone, or being terminated");
      }
      PeerAuthentication live = namespace.policies.get(change.ref().name());
      if (change.before() == null) {
        return live == null ? null : new WriteResult.Conflict("exists already");
      }
      boolean same =
          live != null
              && live.meta().uid().equals(intent.uid())
              && live.meta().resourceVersion().equals(intent.resourceVersion());
      return same ? owned(live, change, adopt) : new WriteResult.Conflict("has changed");
    }

    private static @Nullable WriteResult owned(
        PeerAuthentication live, PolicyChange change, boolean adopt) {
      boolean mode = change.after() == null || change.after().mode() != live.spec().mode();
      return live.meta().owners().stream()
          .filter(owner -> mode && owner.ownsMode() && !(adopt && owner.person()))
          .filter(owner -> !owner.manager().equals(FIELD_MANAGER))
          .findFirst()
          .map(owner -> new WriteResult.OwnedByOther(owner.manager(), "conflict"))
          .orElse(null);
    }

    @Override
    public Optional<PeerAuthentication> read(ObjectRef ref) {
      reached();
      return Optional.ofNullable(world.cluster.policy(ref));
    }

    @Override
    public Map<ObjectRef, String> versions(String name) {
      reached();
      Cluster.Namespace namespace = world.cluster.find(name);
      Map<ObjectRef, String> versions = new HashMap<>();
      if (namespace != null) {
        namespace.policies.values().forEach(p -> versions.put(p.ref(), p.meta().version()));
      }
      return versions;
    }

    @Override
    public Map<ObjectRef, String> versions() {
      reached();
      Map<ObjectRef, String> versions = new HashMap<>();
      for (Cluster.Namespace namespace : world.cluster.all()) {
        namespace.policies.values().forEach(p -> versions.put(p.ref(), p.meta().version()));
      }
      return versions;
    }

    @Override
    public String namespaceUid(String name) {
      reached();
      Cluster.Namespace namespace = world.cluster.find(name);
      return namespace == null ? "" : namespace.uid;
    }

    private void reached() {
      if (!answers()) {
        throw new PolicyReadException("connection refused", new IOException("refused"));
      }
    }
  }
}
