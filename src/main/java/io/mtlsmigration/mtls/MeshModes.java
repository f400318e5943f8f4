package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Effective modes of a whole snapshot, resolved once and immutable. */
public final class MeshModes {

  private final MeshSnapshot snapshot;
  private final PolicyScopes.Mesh mesh;
  private final Map<String, NamespaceModes> namespaces;

  /** Built when first asked for; two threads that race build the same answer twice. */
  private volatile @Nullable Reachability reachability;

  private MeshModes(
      MeshSnapshot snapshot, PolicyScopes.Mesh mesh, Map<String, NamespaceModes> namespaces) {
    this.snapshot = snapshot;
    this.mesh = mesh;
    this.namespaces = namespaces;
  }

  /** Resolves every namespace. */
  public static MeshModes resolve(MeshSnapshot snapshot) {
    return resolve(snapshot, PolicyScopes.mesh(snapshot.root()), Map.of());
  }

  /**
   * Modes of {@code next}, re-resolving only namespaces whose facts are not the same object as
   * before (all of them when the root namespace's policies changed).
   */
  public MeshModes refresh(MeshSnapshot next) {
    NamespaceFacts root = next.root();
    boolean sameRoot =
        next.settings().rootNamespace().equals(snapshot.settings().rootNamespace())
            && root.peerAuthentications().equals(snapshot.root().peerAuthentications());
    return sameRoot ? resolve(next, mesh, namespaces) : resolve(next);
  }

  private static MeshModes resolve(
      MeshSnapshot snapshot, PolicyScopes.Mesh mesh, Map<String, NamespaceModes> known) {
    Map<String, NamespaceModes> namespaces = HashMap.newHashMap(snapshot.namespaces().size());
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      NamespaceModes before = known.get(facts.name());
      boolean same = before != null && before.facts() == facts;
      namespaces.put(facts.name(), same ? before : new NamespaceModes(facts, mesh));
    }
    return new MeshModes(snapshot, mesh, namespaces);
  }

  public MeshSnapshot snapshot() {
    return snapshot;
  }

  /** The mesh-wide mode and the root-namespace policy that decides it. */
  public EffectiveMode mesh() {
    return mesh.mode();
  }

  /** Modes in one namespace; for one that is not in the snapshot, those it would inherit. */
  public NamespaceModes namespace(String name) {
    NamespaceModes known = namespaces.get(name);
    return known == null ? new NamespaceModes(NamespaceFacts.empty(name), mesh) : known;
  }

  /** Who reaches whom under these modes. */
  public Reachability reachability() {
    Reachability known = reachability;
    if (known == null) {
      known = new Reachability(this);
      reachability = known;
    }
    return known;
  }

  /** Every policy of the snapshot with its standing, in namespace and name order. */
  public List<PolicyStanding> policies() {
    List<PolicyStanding> all = new ArrayList<>();
    for (String name : snapshot.namespaces().keySet()) {
      all.addAll(namespace(name).policies());
    }
    return List.copyOf(all);
  }

  /** The winner of the mesh scope, if any. */
  public Optional<PeerAuthentication> meshPolicy() {
    return Optional.ofNullable(mesh.winner());
  }
}
