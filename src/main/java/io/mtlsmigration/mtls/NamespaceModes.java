package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Effective modes inside one namespace. */
public final class NamespaceModes {

  NamespaceModes() {}

  public String namespace() {
    throw new UnsupportedOperationException();
  }

  /** What a pod without a workload policy gets. */
  public EffectiveMode mode() {
    throw new UnsupportedOperationException();
  }

  /** The winner of the namespace scope, if any (never in the root namespace). */
  public Optional<PeerAuthentication> namespacePolicy() {
    throw new UnsupportedOperationException();
  }

  /** The mode in force for a pod; what it would be if the pod is not captured. */
  public EffectiveMode of(Pod pod) {
    throw new UnsupportedOperationException();
  }

  /** The same for labels alone, for pods that do not exist yet. */
  public EffectiveMode ofLabels(Map<String, String> labels) {
    throw new UnsupportedOperationException();
  }

  /** The workload policy that wins for these labels, if any. */
  public Optional<PeerAuthentication> workloadPolicy(Map<String, String> labels) {
    throw new UnsupportedOperationException();
  }

  /** Every policy in this namespace with its standing, in name order. */
  public List<PolicyStanding> policies() {
    throw new UnsupportedOperationException();
  }

  public Posture posture() {
    throw new UnsupportedOperationException();
  }
}
