// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.plan.LockdownNamespaceTest.kinds;
import static io.mtlsmigration.plan.PlanBuilders.edit;
import static io.mtlsmigration.plan.PlanBuilders.exception;
import static io.mtlsmigration.plan.PlanBuilders.plan;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanBuilders.PlanBuilder;
import io.mtlsmigration.plan.PolicyWrites.Obstacle.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LockdownOwnershipTest {

  private static final Kind PERSON = Kind.ADOPTION_NEEDED;
  private static final Kind CONTROLLER = Kind.OWNED_BY_CONTROLLER;

  static Stream<Arguments> owners() {
    return Stream.of(
        argumentSet("nobody, read from a file", by(), null, null),
        argumentSet("this service", by(owner("mtls-migration")), null, null),
        argumentSet("kubectl apply", by(owner("kubectl-client-side-apply")), PERSON, null),
        argumentSet("kubectl edit", by(owner("kubectl-edit")), PERSON, null),
        argumentSet(
            "kubectl, but not the mode", by(new FieldOwner("kubectl", true, false)), null, null),
        argumentSet(
            "a writer of labels only", by(new FieldOwner("labeller", false, false)), null, null),
        argumentSet("Argo CD", by(owner("argocd-controller")), CONTROLLER, CONTROLLER),
        argumentSet("Flux", by(owner("kustomize-controller")), CONTROLLER, CONTROLLER),
        argumentSet("Helm", by(owner("helm")), CONTROLLER, CONTROLLER),
        argumentSet("somebody unknown", by(owner("terraform")), CONTROLLER, CONTROLLER),
        argumentSet(
            "a person and a controller",
            by(owner("kubectl"), new FieldOwner("argocd-controller", true, false)),
            CONTROLLER,
            CONTROLLER),
        argumentSet(
            "Helm by its label",
            marked(Map.of("app.kubernetes.io/managed-by", "Helm"), Map.of()),
            CONTROLLER,
            CONTROLLER),
        argumentSet(
            "Helm by its annotation",
            marked(Map.of(), Map.of("meta.helm.sh/release-name", "x")),
            CONTROLLER,
            CONTROLLER),
        argumentSet(
            "Argo CD by its label",
            marked(Map.of("argocd.argoproj.io/instance", "x"), Map.of()),
            CONTROLLER,
            CONTROLLER),
        argumentSet(
            "Argo CD by its annotation",
            marked(Map.of(), Map.of("argocd.argoproj.io/tracking-id", "x")),
            CONTROLLER,
            CONTROLLER),
        argumentSet(
            "Flux by its label",
            marked(Map.of("kustomize.toolkit.fluxcd.io/name", "x"), Map.of()),
            CONTROLLER,
            CONTROLLER),
        argumentSet(
            "Flux's Helm by its label",
            marked(Map.of("helm.toolkit.fluxcd.io/name", "x"), Map.of()),
            CONTROLLER,
            CONTROLLER),
        argumentSet(
            "other labels",
            marked(Map.of("app.kubernetes.io/managed-by", "hand"), Map.of()),
            null,
            null));
  }

  @ParameterizedTest
  @MethodSource("owners")
  void changesOnlyWhatNobodyElseOwns(
      UnaryOperator<ObjectMeta> owned, @Nullable Kind obstacle, @Nullable Kind adopting) {
    assertEquals(expected(obstacle), kinds(lock(owned, plan())));
  }

  @ParameterizedTest
  @MethodSource("owners")
  void adoptsAPersonsModeButNothingOfAController(
      UnaryOperator<ObjectMeta> owned, @Nullable Kind obstacle, @Nullable Kind adopting) {
    assertEquals(expected(adopting), kinds(lock(owned, plan().adopt())));
  }

  @ParameterizedTest
  @MethodSource("owners")
  void ownersAreNoObstacleWhenNothingIsWritten(
      UnaryOperator<ObjectMeta> owned, @Nullable Kind obstacle, @Nullable Kind adopting) {
    assertEquals(List.of(), kinds(lock(owned, plan().manifest())));
  }

  @Test
  void offersManifestForAControllersPolicy() {
    PolicyWrites writes = lock(by(owner("argocd-controller")), plan());

    String message = writes.obstacles().getFirst().message();
    assertTrue(message.contains("argocd-controller") && message.contains("MANIFEST"), message);
    assertTrue(writes.changes().isEmpty());
  }

  @Test
  void takesAnOwnerForAPersonAsItWasRead() {
    MeshSnapshot mesh =
        edit(open(), "foo", "default", by(new FieldOwner("lens", true, true, List.of("lens"))));

    PolicyWrites writes = Lockdown.namespace(MeshModes.resolve(mesh), "foo", plan().build());

    assertEquals(List.of(PERSON), kinds(writes));
  }

  static Stream<Arguments> ports() {
    return Stream.of(
        argumentSet("a port that is added conflicts with nobody", 9091, plan(), null),
        argumentSet("a port that a person set", 9090, plan(), Kind.OWNED_BY_PERSON),
        argumentSet("nor does adoption take it over", 9090, plan().adopt(), Kind.OWNED_BY_PERSON));
  }

  @ParameterizedTest
  @MethodSource("ports")
  void adoptsNoPorts(int port, PlanBuilder plan, @Nullable Kind obstacle) {
    MeshSnapshot mesh =
        edit(
            mesh(
                Worlds.foo()
                    .with(
                        policy("w", MtlsMode.STRICT)
                            .selector("app", "httpbin")
                            .port(9090, MtlsMode.STRICT))),
            "foo",
            "w",
            by(owner("kubectl")));
    PlanSpec spec = plan.exceptions(exception("foo", Map.of("app", "httpbin"), port)).build();

    PolicyWrites writes = Lockdown.namespace(MeshModes.resolve(mesh), "foo", spec);

    assertEquals(expected(obstacle), kinds(writes));
  }

  @Test
  void exemptionRespectsOwnersToo() {
    MeshSnapshot mesh =
        edit(
            mesh(Worlds.foo().with(policy("default", MtlsMode.STRICT))),
            "foo",
            "default",
            by(owner("argocd-controller")));

    PolicyWrites writes = Lockdown.exempt(MeshModes.resolve(mesh), "foo", plan().build());

    assertEquals(List.of(CONTROLLER), kinds(writes));
  }

  @Test
  void theMeshPolicyRespectsOwnersToo() {
    MeshSnapshot mesh =
        edit(
            mesh(Worlds.root(MtlsMode.PERMISSIVE)),
            "istio-system",
            "default",
            by(owner("kubectl")));

    PolicyWrites writes =
        Lockdown.mesh(MeshModes.resolve(mesh), plan().build(), Set.of(), Set.of());

    assertEquals(List.of(PERSON), kinds(writes));
  }

  private static MeshSnapshot open() {
    return mesh(Worlds.foo().with(policy("default", MtlsMode.PERMISSIVE)));
  }

  private static PolicyWrites lock(UnaryOperator<ObjectMeta> owned, PlanBuilder plan) {
    MeshSnapshot mesh = edit(open(), "foo", "default", owned);
    return Lockdown.namespace(MeshModes.resolve(mesh), "foo", plan.build());
  }

  private static List<Kind> expected(@Nullable Kind kind) {
    return kind == null ? List.of() : List.of(kind);
  }

  private static FieldOwner owner(String manager) {
    return new FieldOwner(manager, true, true);
  }

  private static UnaryOperator<ObjectMeta> by(FieldOwner... owners) {
    return meta -> PlanBuilders.ownedBy(meta, owners);
  }

  private static UnaryOperator<ObjectMeta> marked(
      Map<String, String> labels, Map<String, String> annotations) {
    return meta -> PlanBuilders.marked(meta, labels, annotations);
  }
}
