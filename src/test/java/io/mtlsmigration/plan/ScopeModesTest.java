// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ScopeModesTest {

  private static final Map<String, String> APP = Map.of("app", "x");
  private static final Spec STRICT = Spec.of(MtlsMode.STRICT);
  private static final Spec PERMISSIVE = Spec.of(MtlsMode.PERMISSIVE);

  static Stream<Arguments> changes() {
    NamespaceBuilder strict = strict();
    NamespaceBuilder mixed =
        foo()
            .with(policy("default", MtlsMode.STRICT))
            .with(policy("older", MtlsMode.STRICT).selector("app", "x").createdAt(1))
            .with(policy("younger", MtlsMode.PERMISSIVE).selector("version", "1").createdAt(2));
    NamespaceBuilder port =
        foo().with(policy("w", MtlsMode.PERMISSIVE).selector("app", "x").port(80, MtlsMode.STRICT));
    return Stream.of(
        argumentSet("the namespace opens", mesh(strict), "foo", "default", PERMISSIVE, true),
        argumentSet("the namespace locks", mesh(foo()), "foo", "default", STRICT, false),
        argumentSet(
            "nothing was strict",
            mesh(foo().with(policy("default", MtlsMode.DISABLE))),
            "foo",
            "default",
            PERMISSIVE,
            false),
        argumentSet(
            "a workload without pods opens",
            mesh(strict),
            "foo",
            "w",
            new Spec(Map.of("app", "none"), MtlsMode.PERMISSIVE, Map.of()),
            true),
        argumentSet(
            "a port opens",
            mesh(strict),
            "foo",
            "w",
            new Spec(APP, MtlsMode.UNSET, Map.of(80, MtlsMode.PERMISSIVE)),
            true),
        argumentSet(
            "a port stops being an exception to an open workload",
            mesh(port),
            "foo",
            "w",
            new Spec(APP, MtlsMode.PERMISSIVE, Map.of()),
            true),
        argumentSet(
            "a pod falls to a weaker policy that its own kept off",
            mesh(mixed),
            "foo",
            "older",
            null,
            true),
        argumentSet(
            "a policy goes that did nothing",
            mesh(strict().with(policy("x", MtlsMode.PERMISSIVE).createdAt(9))),
            "foo",
            "x",
            null,
            false),
        argumentSet(
            "the mesh opens",
            mesh(Worlds.root(MtlsMode.STRICT)),
            "istio-system",
            "default",
            PERMISSIVE,
            true),
        argumentSet(
            "the mesh locks",
            mesh(Worlds.root(MtlsMode.UNSET)),
            "istio-system",
            "x",
            STRICT,
            false));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void knowsWhatLetsPlaintextIn(
      MeshSnapshot mesh, String namespace, String name, @Nullable Spec after, boolean weakens) {
    ObjectRef ref = ObjectRef.peerAuthentication(namespace, name);
    PeerAuthentication present = Snapshots.find(mesh, ref);
    PolicyChange change =
        new PolicyChange(
            ref,
            present == null ? null : present.spec(),
            after,
            PolicyChange.Purpose.LOCK,
            false,
            "");

    assertEquals(weakens, ScopeModes.weakens(MeshModes.resolve(mesh), change));
  }

  static Stream<Arguments> scopes() {
    Spec workload = new Spec(APP, MtlsMode.UNSET, Map.of());
    return Stream.of(
        argumentSet("the mesh", "istio-system", STRICT, MtlsMode.STRICT),
        argumentSet("a selector in the root", "istio-system", workload, MtlsMode.STRICT),
        argumentSet("a namespace", "foo", STRICT, MtlsMode.DISABLE),
        argumentSet("a workload", "foo", workload, MtlsMode.PERMISSIVE));
  }

  @ParameterizedTest
  @MethodSource("scopes")
  void readsTheModeOfAPolicysScope(String namespace, Spec spec, MtlsMode expected) {
    MeshSnapshot mesh =
        mesh(
            Worlds.root(MtlsMode.STRICT),
            foo()
                .with(policy("default", MtlsMode.DISABLE))
                .with(policy("w", MtlsMode.PERMISSIVE).selector("app", "x")));

    EffectiveMode mode =
        ScopeModes.of(
            MeshModes.resolve(mesh), ObjectRef.peerAuthentication(namespace, "any"), spec);

    assertEquals(expected, mode.mode());
  }

  private static NamespaceBuilder strict() {
    return foo().with(policy("default", MtlsMode.STRICT));
  }

  private static NamespaceBuilder foo() {
    return namespace("foo").with(sidecarPod("x").label("version", "1"));
  }
}
