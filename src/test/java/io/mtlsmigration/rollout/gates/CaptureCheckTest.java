// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.ExternalWorkload;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Nobody here sees who calls pods of other clusters, and machines, that the policy governs too. */
final class CaptureCheckTest {

  private static final Specs PLAN = Specs.namespaces("foo");

  private final MeshSnapshot mesh =
      mesh(
          namespace("istio-system"),
          namespace("foo").with(sidecarPod("a").ip("10.0.0.1")),
          namespace("locked")
              .with(sidecarPod("a").ip("10.0.0.2"))
              .with(policy("default", MtlsMode.STRICT)));

  @Test
  void holdsWhileThePolicyGovernsSidecarsOfAnotherCluster() {
    GateResult result = judged("foo", Map.of("foo", Set.of("west", "south")));

    assertEquals(GateResult.Result.INCONCLUSIVE, result.result());
    assertEquals(Reason.NOT_WATCHED, result.reason());
    assertTrue(result.message().contains("foo in south, west"), result.message());
  }

  @Test
  void passesWhereTheyAreInAnotherNamespace() {
    assertEquals(GateResult.Result.PASS, judged("foo", Map.of("bar", Set.of("west"))).result());
  }

  /** Also into namespaces that only the other cluster has. */
  @Test
  void holdsTheMeshWhereItsPolicyReachesThem() {
    GateResult result =
        judged("", Map.of("foo", Set.of("west"), "far", Set.of("west"), "locked", Set.of("west")));

    assertEquals(GateResult.Result.INCONCLUSIVE, result.result());
    assertTrue(result.message().contains("far in west, foo in west:"), result.message());
  }

  static Stream<Arguments> machines() {
    Map<String, String> istio = Map.of(Pod.TLS_MODE_LABEL, "istio");
    Map<String, String> off = Map.of(Pod.TLS_MODE_LABEL, "disabled");
    return Stream.of(
        argumentSet("registered", machine("WorkloadEntry", Map.of(), "", "vm"), true),
        argumentSet(
            "registered, though clients are told otherwise",
            machine("WorkloadEntry", off, "", "vm"),
            true),
        argumentSet("a group", machine("WorkloadGroup", Map.of(), "", "vm"), true),
        argumentSet("labelled by hand", machine("WorkloadEntry", istio, "", ""), true),
        argumentSet("with a service account", machine("WorkloadEntry", Map.of(), "sa", ""), true),
        argumentSet("without a proxy", machine("WorkloadEntry", Map.of(), "", ""), false),
        argumentSet("labelled to have none", machine("WorkloadEntry", off, "sa", ""), false));
  }

  /** A virtual machine's proxy is scraped by nobody, and its clients are told by nobody. */
  @ParameterizedTest
  @MethodSource("machines")
  void holdsWhileThePolicyGovernsMachines(Function<String, OtherObject> machine, boolean holds) {
    MeshSnapshot with = mesh(namespace("istio-system"), foo().with(machine));

    GateResult result = judged(with, PLAN, "foo", Map.of());

    assertEquals(holds ? GateResult.Result.INCONCLUSIVE : GateResult.Result.PASS, result.result());
    assertEquals(holds ? Reason.NOT_WATCHED : Reason.HOLDS, result.reason());
    assertEquals(holds, result.message().contains(" foo/vm: "), result.message());
  }

  @Test
  void namesMachinesByTheirGroupBesideOtherClusters() {
    MeshSnapshot with =
        mesh(
            namespace("istio-system"),
            foo()
                .with(machine("WorkloadGroup", Map.of(), "", "vm"))
                .with(machine("WorkloadEntry", Map.of(), "", "vm")));

    String message = judged(with, PLAN, "foo", Map.of("foo", Set.of("west"))).message();

    assertTrue(
        message.contains(
            "foo in west, and the proxies of machines outside Kubernetes, WorkloadGroup foo/vm:"),
        message);
  }

  @ParameterizedTest
  @CsvSource({"PERMISSIVE, PASS", "STRICT, PASS", "UNSET, INCONCLUSIVE"})
  void passesWhereAPolicyOfItsOwnDecidesTheMachinesMode(MtlsMode mode, GateResult.Result expected) {
    MeshSnapshot with =
        mesh(
            namespace("istio-system"),
            foo()
                .with(machine("WorkloadEntry", Map.of("app", "db"), "sa", "vm"))
                .with(policy("db", mode).selector("app", "db")));

    assertEquals(expected, judged(with, PLAN, "foo", Map.of()).result());
    assertEquals(expected, judged(with, PLAN, "", Map.of()).result());
  }

  /** An exception for a port leaves the others to the policy. */
  @Test
  void passesWhereAnExceptionLeavesTheMachineOpen() {
    MeshSnapshot with =
        mesh(
            namespace("istio-system"),
            foo().with(machine("WorkloadEntry", Map.of("app", "a"), "sa", "vm")));

    assertEquals(
        GateResult.Result.PASS,
        judged(with, Specs.namespaces("foo").except("foo", "a", null), "foo", Map.of()).result());
    assertEquals(
        GateResult.Result.INCONCLUSIVE,
        judged(with, Specs.namespaces("foo").except("foo", "a", 8080), "foo", Map.of()).result());
  }

  /** Also a namespace without pods, which no wave contains. */
  @Test
  void holdsTheMeshWhereItsPolicyReachesMachines() {
    Function<String, OtherObject> machine = machine("WorkloadEntry", Map.of(), "", "vm");
    MeshSnapshot with =
        mesh(
            namespace("istio-system"),
            namespace("machines").with(machine),
            namespace("locked").with(machine).with(policy("default", MtlsMode.STRICT)),
            namespace("open").with(machine).with(policy("default", MtlsMode.PERMISSIVE)));

    GateResult result = judged(with, PLAN, "", Map.of());

    assertEquals(GateResult.Result.INCONCLUSIVE, result.result());
    assertTrue(result.message().contains(", WorkloadGroup machines/vm: "), result.message());
  }

  private static NamespaceBuilder foo() {
    return namespace("foo").with(sidecarPod("a").ip("10.0.0.1"));
  }

  private static Function<String, OtherObject> machine(
      String kind, Map<String, String> labels, String serviceAccount, String group) {
    return namespace ->
        new ExternalWorkload(new ObjectRef(kind, namespace, "vm"), labels, serviceAccount, group);
  }

  private GateResult judged(String namespace, Map<String, Set<String>> elsewhere) {
    return judged(mesh, PLAN, namespace, elsewhere);
  }

  private static GateResult judged(
      MeshSnapshot mesh, Specs plan, String namespace, Map<String, Set<String>> elsewhere) {
    QuietObservation observation =
        new QuietObservation(mesh) {
          @Override
          public Map<String, Set<String>> elsewhere() {
            return elsewhere;
          }
        };
    StepRecord step =
        namespace.isEmpty()
            ? Records.step("p", StepKey.MESH.namespace())
            : Records.step("p", namespace);
    return new CaptureCheck().evaluate(observation.context(plan.spec(), step));
  }
}
