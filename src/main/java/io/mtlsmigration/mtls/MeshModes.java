package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.List;

/** Effective modes of a whole snapshot, resolved once and immutable. */
public final class MeshModes {

  private MeshModes() {}

  /** Resolves every namespace. */
  public static MeshModes resolve(MeshSnapshot snapshot) {
    throw new UnsupportedOperationException();
  }

  /**
   * Modes of {@code next}, re-resolving only namespaces whose facts are not the same object as
   * before (all of them when the root namespace's policies changed).
   */
  public MeshModes refresh(MeshSnapshot next) {
    throw new UnsupportedOperationException();
  }

  public MeshSnapshot snapshot() {
    throw new UnsupportedOperationException();
  }

  /** The mesh-wide mode and the root-namespace policy that decides it. */
  public EffectiveMode mesh() {
    throw new UnsupportedOperationException();
  }

  /** Modes in one namespace; for one that is not in the snapshot, those it would inherit. */
  public NamespaceModes namespace(String name) {
    throw new UnsupportedOperationException();
  }

  /** Every policy of the snapshot with its standing, in namespace and name order. */
  public List<PolicyStanding> policies() {
    throw new UnsupportedOperationException();
  }

  /** The winner of the mesh scope, if any. */
  public java.util.Optional<PeerAuthentication> meshPolicy() {
    throw new UnsupportedOperationException();
  }
}
