// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import java.util.stream.Stream;

/** Meshes that many tests share. */
public final class Worlds {

  private Worlds() {}

  /**
   * The mesh of Istio's "Mutual TLS Migration" task: {@code foo} and {@code bar} with sidecars,
   * {@code legacy} without; httpbin (port 8000 → 8080) and curl in the first two, curl in the last.
   */
  public static MeshSnapshot task() {
    return mesh(namespace("istio-system"), foo(), bar(), legacy());
  }

  public static NamespaceBuilder foo() {
    return injected("foo");
  }

  public static NamespaceBuilder bar() {
    return injected("bar");
  }

  public static NamespaceBuilder legacy() {
    return namespace("legacy").with(pod("curl"));
  }

  /** A namespace with httpbin and curl, both with sidecars. */
  public static NamespaceBuilder injected(String name) {
    return namespace(name)
        .label("istio-injection", "enabled")
        .with(sidecarPod("httpbin").ports(8080), sidecarPod("curl"))
        .with(service("httpbin").port(8000, 8080));
  }

  /** The root namespace with the mesh's policy; UNSET stands for no policy at all. */
  public static NamespaceBuilder root(MtlsMode mesh) {
    NamespaceBuilder root = namespace("istio-system");
    return mesh == MtlsMode.UNSET ? root : root.with(policy("default", mesh));
  }

  /** Every mesh default: none, and each mode; for tests that must hold under all of them. */
  public static Stream<MtlsMode> meshDefaults() {
    return Stream.of(MtlsMode.values());
  }

  /** What a namespace without a policy of its own gets under a mesh default. */
  public static MtlsMode inherited(MtlsMode mesh) {
    return mesh == MtlsMode.UNSET ? MtlsMode.PERMISSIVE : mesh;
  }
}
