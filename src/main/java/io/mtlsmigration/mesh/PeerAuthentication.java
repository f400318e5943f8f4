// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.Comparator;
import java.util.Map;

/** A {@code security.istio.io/v1} PeerAuthentication. */
public record PeerAuthentication(ObjectMeta meta, Spec spec) {

  /**
   * The order in which policies of one scope compete: the oldest wins; ties go to the smaller name,
   * then to the smaller namespace (istio pilot/pkg/model/authentication.go).
   */
  public static final Comparator<PeerAuthentication> OLDEST_FIRST =
      Comparator.comparing((PeerAuthentication p) -> p.meta.createdAt())
          .thenComparing(p -> p.meta.name())
          .thenComparing(p -> p.meta.namespace());

  public ObjectRef ref() {
    return meta.ref();
  }

  /**
   * {@code spec} as declared.
   *
   * @param selector {@code selector.matchLabels}; empty when there is no selector
   * @param mode UNSET when {@code mtls} is absent
   * @param portModes {@code portLevelMtls} by container port
   */
  public record Spec(
      Map<String, String> selector, MtlsMode mode, Map<Integer, MtlsMode> portModes) {

    public Spec {
      selector = Map.copyOf(selector);
      portModes = Map.copyOf(portModes);
    }

    public static Spec of(MtlsMode mode) {
      return new Spec(Map.of(), mode, Map.of());
    }

    public Spec withMode(MtlsMode next) {
      return new Spec(selector, next, portModes);
    }
  }

  /** The scope that a policy may govern, before competition within the scope. */
  public enum Scope {
    MESH,
    NAMESPACE,
    WORKLOAD,
    /** A selector in the root namespace, which Istio ignores. */
    NONE
  }

  public Scope scope(String rootNamespace) {
    boolean root = meta.namespace().equals(rootNamespace);
    if (spec.selector().isEmpty()) {
      return root ? Scope.MESH : Scope.NAMESPACE;
    }
    return root ? Scope.NONE : Scope.WORKLOAD;
  }
}
