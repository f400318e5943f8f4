// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.gates.Hold;
import io.mtlsmigration.rollout.gates.NamespaceHolds;
import io.mtlsmigration.rollout.gates.NamespaceState;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.worklist.Item.Unblocked;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WorklistTest {

  private static SmallMesh.Call call(String client, String server) {
    return new SmallMesh.Call(client, server);
  }

  @Test
  void oneClientThatCallsTwoNamespacesIsOneItemThatFreesBoth() {
    Worklist worklist =
        new SmallMesh(
                List.of("bar", "foo"),
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of(call("curl", "foo"), call("curl", "bar")))
            .worklist();

    Item item = worklist.items().getFirst();
    assertEquals(1, worklist.items().size());
    assertEquals("Inject Deployment legacy/curl", item.title());
    assertEquals("old", item.owner());
    assertEquals(List.of(new Unblocked("bar", true), new Unblocked("foo", true)), item.unblocks());
    assertEquals(2, item.alone());
    assertEquals(2 * Worklist.WHOLE, item.share());
    assertEquals(14, item.calls());
    assertEquals(SmallMesh.NOW.minusSeconds(60), item.firstSeen());
    assertEquals(SmallMesh.NOW.minusSeconds(1), item.lastSeen());
  }

  @Test
  void whatFreesTogetherCountsInEqualParts() {
    List<Item> items =
        new SmallMesh(
                List.of("bar", "foo"),
                Set.of(),
                Set.of("foo"),
                Set.of(),
                Set.of(call("curl", "foo"), call("curl", "bar")))
            .worklist()
            .items();

    assertEquals(ItemKind.INJECT_CLIENT, items.getFirst().kind());
    assertEquals(1_500_000, items.getFirst().share());
    assertEquals(1, items.getFirst().alone());
    assertEquals(ItemKind.REWRITE_PROBE, items.getLast().kind());
    assertEquals(500_000, items.getLast().share());
    assertEquals(List.of(new Unblocked("foo", false)), items.getLast().unblocks());
    assertNull(items.getLast().lastSeen(), "nobody measured when it was seen");
  }

  @Test
  void ownersAreAsFarAsTheirNamespaces() {
    Worklist worklist =
        new SmallMesh(List.of("bar", "foo"), Set.of("foo"), Set.of(), Set.of(), Set.of())
            .worklist();

    assertEquals(
        List.of("old", "team-bar", "team-foo"),
        worklist.owners().stream().map(Worklist.Owner::name).toList());
    assertEquals(1, worklist.owners().getFirst().namespaces().get(NamespaceState.OPEN));
    assertEquals(1, worklist.owners().get(1).namespaces().get(NamespaceState.READY));
    assertEquals(1, worklist.owners().getLast().namespaces().get(NamespaceState.HELD));
    assertEquals(1, worklist.owners().getLast().items());
  }

  /** The root namespace has no lock of its own, and no impact of a namespace. */
  @Test
  void theMeshPolicyIsTakenOverByTheMeshStep() {
    Item item =
        only(
            "istio-system",
            new Hold.Policy(new Obstacle(Obstacle.Kind.ADOPTION_NEEDED, "a person owns it")));

    assertEquals(ItemKind.ADOPT_POLICY, item.kind());
    assertEquals("PeerAuthentication istio-system/default", item.subject().toString());
    assertEquals(look("mesh/impact?plan=q4"), item.remedy());
  }

  /** A ticket is read later than it is written: what is in it approves nothing. */
  @Test
  void aConsentIsAskedForByItsImpact() {
    assertEquals(look("namespaces/foo/impact?plan=q4"), only("foo", new Hold.Consent("")).remedy());
    assertEquals(look("mesh/impact?plan=q4"), only("istio-system", new Hold.Consent("")).remedy());
  }

  @Test
  void aWaveIsLookedAtNamespaceByNamespace() {
    Item item =
        worklist(
                List.of(
                    holds("foo", new Hold.Consent("first")),
                    holds("bar", new Hold.Consent("first"))))
            .getFirst();

    assertEquals(
        look("namespaces/bar/impact?plan=q4") + "\n" + look("namespaces/foo/impact?plan=q4"),
        item.remedy());
  }

  /** Whoever can remedy it is asked, and no team that cannot. */
  @ParameterizedTest
  @CsvSource({
    "LOGS_NOT_KEPT, KEEP_LOGS, Namespace foo, containerLogMaxSize",
    "LOG_FORMAT_INCOMPLETE, MEND_EVIDENCE, Mesh mesh, %REQUESTED_SERVER_NAME%",
    "PODS_END_EARLY, CLEAR_GATE, Namespace foo, Let its pods live"
  })
  void linesThatAreMissingAskForWhatMendsThem(
      Reason reason, ItemKind kind, String subject, String advice) {
    GateResult held =
        new GateResult(
            Gate.PLAINTEXT,
            GateResult.Result.INCONCLUSIVE,
            reason,
            "said",
            List.of(),
            SmallMesh.NOW);

    Item item = only("foo", new Hold.Judged(held));

    assertEquals(kind, item.kind());
    assertEquals(subject, item.subject().toString());
    assertTrue(item.advice().contains(advice), item.advice());
  }

  /** An autoscaler's new pod does not stand for the old ones, which call as before. */
  @ParameterizedTest
  @CsvSource({"PT216H, true", "PT1M, false"})
  void aClientIsMendedWhenEachOfItsPodsIsNew(Duration age, boolean told) {
    Instant now = QuietObservation.NOW;
    MeshSnapshot mesh =
        mesh(
            namespace("foo").with(sidecarPod("httpbin").ports(8080)),
            namespace("web")
                .with(
                    sidecarPod("web-1").of("Deployment", "web").createdAt(now.minusSeconds(60)),
                    sidecarPod("web-2").of("Deployment", "web").createdAt(now.minus(age))));
    Edge edge =
        new Edge(
            new Caller(new WorkloadRef("web", "Deployment", "web"), ""),
            new WorkloadRef("foo", "Deployment", "httpbin"),
            8080,
            "http",
            Edge.Security.PLAINTEXT,
            3,
            0,
            now.minusSeconds(7200),
            now.minusSeconds(300),
            "prometheus");

    assertEquals(told, new Clients(new QuietObservation(mesh)).of(edge).isPresent());
  }

  private static String look(String path) {
    return "curl -H \"Authorization: Bearer $TOKEN\" \"$MTLS_MIGRATION/api/v1/" + path + "\"";
  }

  private static Item only(String namespace, Hold hold) {
    return worklist(List.of(holds(namespace, hold))).getFirst();
  }

  private static NamespaceHolds holds(String namespace, Hold hold) {
    return new NamespaceHolds(namespace, "q4", NamespaceState.HELD, List.of(hold));
  }

  private static List<Item> worklist(List<NamespaceHolds> holds) {
    return new SmallMesh(List.of("bar", "foo"), Set.of(), Set.of(), Set.of(), Set.of())
        .worklist(holds)
        .items();
  }
}
