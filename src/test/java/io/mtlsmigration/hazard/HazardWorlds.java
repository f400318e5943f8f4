// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mtls.MeshModes;
import java.util.List;
import org.junit.jupiter.params.provider.Arguments;

/** What the tests of the rules have in common: worlds around a namespace foo, and what is told. */
final class HazardWorlds {

  private HazardWorlds() {}

  static Arguments row(String name, HazardCode code, NamespaceBuilder[] world, String... expected) {
    return argumentSet(code + ": " + name, code, world, List.of(expected));
  }

  static NamespaceBuilder[] world(NamespaceBuilder... namespaces) {
    return namespaces;
  }

  /** foo with one captured httpbin, 8000 → 8080. */
  static NamespaceBuilder foo() {
    return foo(sidecarPod("httpbin").ports(8080));
  }

  static NamespaceBuilder foo(PodBuilder... pods) {
    return namespace("foo").with(pods).with(service("httpbin").port(8000, 8080));
  }

  static NamespaceBuilder root() {
    return namespace("istio-system");
  }

  /** What is found in foo, with these objects outside of namespaces. */
  static List<String> told(
      NamespaceBuilder[] world, List<? extends OtherObject> cluster, HazardCode code) {
    MeshSnapshot mesh = mesh(world);
    MeshSnapshot whole =
        MeshSnapshot.of(
            mesh.settings(), mesh.observedAt(), mesh.namespaces().values(), List.copyOf(cluster));
    return told(Hazards.of(MeshModes.resolve(whole), "foo"), code);
  }

  /** What is found in foo. */
  static List<String> told(NamespaceBuilder[] world, HazardCode code) {
    return told(Hazards.of(MeshModes.resolve(mesh(world)), "foo"), code);
  }

  static List<String> told(List<Finding> findings, HazardCode code) {
    return findings.stream()
        .filter(f -> f.code() == code)
        .map(f -> f.severity() + " " + f.subject() + (f.port() == 0 ? "" : ":" + f.port()))
        .toList();
  }
}
