// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.testing.Halted;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An API server for PeerAuthentications: UIDs, resource versions, preconditions, dry runs. */
public final class SimulatedApi implements PolicyWriter, Inventory {

  private final Clock clock;
  private MeshSnapshot facts;
  private long revision = 100;
  private int effects;

  /** Dies right after this many writes took effect, before anybody hears of it; 0 = never. */
  public int haltAfter;

  /** Called before a write takes effect; a test may act there, or die. */
  public Consumer<WriteIntent> beforeApply = intent -> {};

  /** Called when a write has taken effect. */
  public Consumer<WriteIntent> afterApply = intent -> {};

  /** Not null: admission refuses every write with this answer. */
  @Nullable WriteResult refusal;

  /** Where {@link #refusal} holds; empty = everywhere. */
  public String refusalNamespace = "";

  public boolean down;
  public final List<WriteIntent> applied = new ArrayList<>();
  private final Set<ObjectRef> spoiled = new HashSet<>();

  private final TestRatchet ratchet;

  public SimulatedApi(MeshSnapshot facts, Clock clock, TestRatchet ratchet) {
    this.facts = facts;
    this.clock = clock;
    this.ratchet = ratchet;
  }

  public int effects() {
    return effects;
  }

  @Override
  public MeshSnapshot snapshot() {
    return new MeshSnapshot(
        facts.settings(), clock.instant(), facts.namespaces(), List.of(), List.of());
  }

  public void replace(NamespaceFacts namespace) {
    facts = facts.with(namespace);
  }

  public void settings(MeshSettings settings) {
    facts =
        new MeshSnapshot(settings, facts.observedAt(), facts.namespaces(), List.of(), List.of());
  }

  public void remove(String namespace) {
    var left = new java.util.TreeMap<>(facts.namespaces());
    left.remove(namespace);
    facts = new MeshSnapshot(facts.settings(), facts.observedAt(), left, List.of(), List.of());
  }

  @Override
  public WriteResult dryRun(WriteIntent intent, boolean adopt) {
    WriteResult no = refused(intent, adopt);
    return no != null ? no : new WriteResult.Applied(null);
  }

  @Override
  public WriteResult apply(WriteIntent intent, boolean adopt) {
    beforeApply.accept(intent);
    WriteResult no = refused(intent, adopt);
    if (no != null) {
      return no;
    }
    PolicyChange change = intent.change();
    PeerAuthentication written = stored(intent);
    put(change.ref(), written);
    applied.add(intent);
    effects++;
    afterApply.accept(intent);
    if (effects == haltAfter) {
      throw new Halted("after write " + effects + ": " + change.purpose() + " " + change.ref());
    }
    return new WriteResult.Applied(written);
  }

  private @Nullable WriteResult refused(WriteIntent intent, boolean adopt) {
    if (down) {
      return new WriteResult.Unknown("connection refused");
    }
    boolean meant =
        refusalNamespace.isEmpty() || refusalNamespace.equals(intent.change().ref().namespace());
    if (refusal != null && meant) {
      return refusal;
    }
    Optional<String> denied = ratchet.refusal(intent.change());
    if (denied.isPresent()) {
      return new WriteResult.Refused(denied.get());
    }
    PeerAuthentication live = find(intent.change().ref());
    if (intent.change().before() == null) {
      return live == null ? null : new WriteResult.Conflict("exists already");
    }
    boolean same =
        live != null
            && live.meta().uid().equals(intent.uid())
            && live.meta().resourceVersion().equals(intent.resourceVersion());
    return same ? owned(live, intent.change(), adopt) : new WriteResult.Conflict("has changed");
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

  private @Nullable PeerAuthentication stored(WriteIntent intent) {
    PolicyChange change = intent.change();
    PeerAuthentication live = find(change.ref());
    if (change.after() == null) {
      return live != null && live.meta().held()
          ? new PeerAuthentication(changed(live.meta(), live.meta().owners(), true), live.spec())
          : null;
    }
    ObjectMeta meta =
        live == null
            ? meta(change.ref(), Map.of(MARKER_ANNOTATION, intent.marker()), FIELD_MANAGER)
            : touched(live.meta(), FIELD_MANAGER);
    return new PeerAuthentication(meta, change.after());
  }

  private ObjectMeta meta(ObjectRef ref, Map<String, String> annotations, String manager) {
    return new ObjectMeta(
        ref,
        "uid-" + ++revision,
        Long.toString(++revision),
        clock.instant(),
        Map.of(),
        annotations,
        List.of(new FieldOwner(manager, true, true).changedAt(clock.instant())));
  }

  /** Whoever changes a mode owns it from then on, and nobody else. */
  private ObjectMeta touched(ObjectMeta meta, String manager) {
    FieldOwner owner = new FieldOwner(manager, true, true).changedAt(clock.instant());
    return changed(meta, List.of(owner), meta.held());
  }

  private ObjectMeta changed(ObjectMeta meta, List<FieldOwner> owners, boolean held) {
    return new ObjectMeta(
        meta.ref(),
        meta.uid(),
        Long.toString(++revision),
        meta.createdAt(),
        meta.labels(),
        meta.annotations(),
        owners,
        held);
  }

  /** Somebody adds a finalizer, which keeps the object, and istiod's heed of it, when deleted. */
  public void hold(ObjectRef ref) {
    PeerAuthentication live = Objects.requireNonNull(find(ref));
    put(ref, new PeerAuthentication(changed(live.meta(), live.meta().owners(), true), live.spec()));
  }

  /** Somebody else writes: a person with kubectl. */
  public void kubectl(ObjectRef ref, PeerAuthentication.@Nullable Spec spec) {
    PeerAuthentication live = find(ref);
    if (spec == null) {
      put(ref, null);
    } else {
      ObjectMeta meta =
          live == null ? meta(ref, Map.of(), "kubectl-edit") : touched(live.meta(), "kubectl-edit");
      put(ref, new PeerAuthentication(meta, spec));
    }
  }

  /** Somebody makes something of it that cannot be read. */
  public void spoil(ObjectRef ref, String field) {
    put(ref, null);
    NamespaceFacts own = Objects.requireNonNull(facts.namespace(ref.namespace()));
    List<Unreadable> unreadable = new ArrayList<>(own.unreadable());
    unreadable.add(new Unreadable(ref, field, "is not what it should be"));
    replace(
        new NamespaceFacts(
            own.name(),
            own.uid(),
            own.labels(),
            own.annotations(),
            own.terminating(),
            own.pods(),
            own.services(),
            own.endpointSlices(),
            own.peerAuthentications(),
            own.destinationRules(),
            own.sidecars(),
            own.others(),
            unreadable));
    spoiled.add(ref);
  }

  /** Somebody changes what is not its mode, which stays whose it is. */
  public void amend(ObjectRef ref, PeerAuthentication.Spec spec) {
    ObjectMeta live = Objects.requireNonNull(find(ref)).meta();
    ObjectMeta next = changed(live, live.owners(), live.held());
    put(ref, new PeerAuthentication(next, spec));
  }

  /** Somebody creates one with a mark of ours, such as a copy of one, as that field manager. */
  public void marked(ObjectRef ref, PeerAuthentication.Spec spec, String marker, String manager) {
    put(ref, new PeerAuthentication(meta(ref, Map.of(MARKER_ANNOTATION, marker), manager), spec));
  }

  @Override
  public Optional<PeerAuthentication> read(ObjectRef ref) {
    if (down) {
      throw new PolicyReadException("connection refused", new java.io.IOException("refused"));
    }
    if (spoiled.contains(ref)) {
      throw new PolicyReadException("cannot read " + ref, new IllegalStateException("spoiled"));
    }
    return Optional.ofNullable(find(ref));
  }

  @Override
  public Map<ObjectRef, String> versions(String name) {
    NamespaceFacts namespace = live(name);
    Map<ObjectRef, String> versions = new HashMap<>();
    if (namespace != null) {
      namespace
          .peerAuthentications()
          .forEach(policy -> versions.put(policy.ref(), policy.meta().version()));
    }
    return versions;
  }

  @Override
  public Map<ObjectRef, String> versions() {
    Map<ObjectRef, String> versions = new HashMap<>();
    facts.namespaces().keySet().forEach(name -> versions.putAll(versions(name)));
    return versions;
  }

  @Override
  public String namespaceUid(String name) {
    NamespaceFacts namespace = live(name);
    return namespace == null ? "" : namespace.uid();
  }

  private @Nullable NamespaceFacts live(String name) {
    if (down) {
      throw new PolicyReadException("connection refused", new java.io.IOException("refused"));
    }
    return facts.namespace(name);
  }

  @Nullable PeerAuthentication find(ObjectRef ref) {
    NamespaceFacts namespace = facts.namespace(ref.namespace());
    return namespace == null
        ? null
        : namespace.peerAuthentications().stream()
            .filter(p -> p.ref().equals(ref))
            .findFirst()
            .orElse(null);
  }

  private void put(ObjectRef ref, @Nullable PeerAuthentication policy) {
    NamespaceFacts namespace = Objects.requireNonNull(facts.namespace(ref.namespace()));
    List<PeerAuthentication> next = new ArrayList<>();
    for (PeerAuthentication other : namespace.peerAuthentications()) {
      if (!other.ref().equals(ref)) {
        next.add(other);
      }
    }
    if (policy != null) {
      next.add(policy);
    }
    facts = facts.with(namespace.withPeerAuthentications(next));
  }
}
