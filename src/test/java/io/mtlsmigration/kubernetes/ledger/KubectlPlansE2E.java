// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.e2e.Kubectl;
import io.mtlsmigration.e2e.TestCluster;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.rollout.loop.RolloutLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plans by the real kubectl on a real API server, with the shipped definitions, admission policy
 * and roles; the ledger has the shipped ServiceAccount.
 */
final class KubectlPlansE2E {

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.withIstio().withService();

  private static final Path PLANS = Path.of("src/test/resources/crds");
  private static final String REFUSED = "# refused: ";

  private static ClusterLedger ledger;
  private static PlanCommands commands;
  private static RolloutLoop loop;
  private static StillMesh mesh;
  private static PlanController reconciler;

  @BeforeAll
  static void serve() throws Exception {
    try (Stream<Path> definitions = Files.list(Path.of("k8s/base/crds"))) {
      definitions
          .map(Path::toString)
          .filter(file -> file.endsWith(".yml"))
          .forEach(file -> CLUSTER.kubectl().ok("apply", "--server-side", "-f", file));
    }
    CLUSTER.kubectl().ok("wait", "--for=condition=Established", "crd", "--all");
    Clock clock = Clock.systemUTC();
    KubernetesClient client = CLUSTER.closing(CLUSTER.service().client());
    mesh = new StillMesh(clock);
    ledger = new ClusterLedger(client, client, TestCluster.OWN, clock);
    ledger.start().get(30, TimeUnit.SECONDS);
    commands = mesh.commands(ledger);
    loop = mesh.loop(ledger);
    reconciler = new PlanController(ledger, commands, Leadership.ALONE, clock);
    CLUSTER.closing(ledger);
    ClusterEvents events =
        new ClusterEvents(ledger, client, TestCluster.OWN, "test", Leadership.ALONE);
    events.start();
    CLUSTER.closing(events);
  }

  @AfterAll
  static void leaveNothing() {
    assertEquals("", CLUSTER.kubectl().ok("get", "namespacemigrations", "-A", "-o=name"));
  }

  @AfterEach
  void removePlans() {
    for (PlanRecord plan : ledger.plans()) {
      if (commands.allowedActions(plan).contains(PlanAction.ABORT)) {
        commands.act(plan.name(), PlanAction.ABORT, null, "test");
      }
    }
    CLUSTER.kubectl().ok("delete", "migrationplans", "--all", "--wait=false");
    until(() -> CLUSTER.kubectl().ok("get", "migrationplans", "-o=name").isEmpty());
  }

  /** Ticks and turns as the service does, until something is so. */
  private static void until(BooleanSupplier so) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              loop.tick(mesh);
              reconciler.turn();
              commands.startAccepted();
              return so.getAsBoolean();
            });
  }

  private static String show(String plan, String path) {
    return CLUSTER.kubectl().ok("get", "mtlsplan", plan, "-o=jsonpath={" + path + "}");
  }

  private static String condition(String plan, String type) {
    String at = ".status.conditions[?(@.type==\"" + type + "\")]";
    return show(plan, at + ".status") + " " + show(plan, at + ".reason");
  }

  private static void annotate(String plan, String annotation) {
    CLUSTER
        .kubectl()
        .ok("annotate", "migrationplan", plan, "mtls-migration.io/" + annotation, "--overwrite");
  }

  private static String foo(String name, String soak) {
    return """
    apiVersion: mtls-migration.io/v1
    kind: MigrationPlan
    metadata:
      name: %s
    spec:
      scope:
        namespaces: [foo]
      gates:
        soak: %s
    """
        .formatted(name, soak);
  }

  static Stream<Path> good() throws IOException {
    return files("good");
  }

  static Stream<Path> bad() throws IOException {
    return files("bad");
  }

  private static Stream<Path> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(PLANS.resolve(folder))) {
      return files.sorted().toList().stream();
    }
  }

  @Test
  void everyFileIsAPlan() throws IOException {
    try (Stream<Path> all = Files.walk(PLANS)) {
      List<Path> unused =
          all.filter(Files::isRegularFile)
              .filter(file -> !file.toString().matches(".*/crds/(good|bad)/[a-z-]+[.]yaml"))
              .toList();
      assertEquals(List.of(), unused);
    }
  }

  @ParameterizedTest
  @MethodSource("good")
  void takesWhatIsMeant(Path file) throws IOException {
    String name = file.getFileName().toString().replace(".yaml", "");

    CLUSTER.kubectl().apply(Files.readString(file));

    until(() -> condition(name, "Accepted").equals("True Accepted"));
    assertEquals("DRAFT", show(name, ".status.phase"));
    assertEquals(show(name, ".metadata.generation"), show(name, ".status.observedGeneration"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void refusesWhatCannotBeMeant(Path file) throws IOException {
    String manifest = Files.readString(file);
    String first = manifest.lines().findFirst().orElse("");
    assertTrue(first.startsWith(REFUSED), file + " does not say why it is refused");

    Kubectl.Result answer = CLUSTER.kubectl().tryApply(manifest, "--validate=strict");

    assertFalse(answer.succeeded(), answer.out());
    String expected = first.substring(REFUSED.length());
    assertTrue(answer.err().contains(expected), answer.err());
  }

  @Test
  void goesFromApplyToRunningAndShowsIt() {
    CLUSTER.kubectl().apply(foo("q4", "30m"));
    until(() -> show("q4", ".status.phase").equals("DRAFT"));
    assertEquals("kubectl (field manager)", show("q4", ".status.createdBy"));

    annotate("q4", "action=start");

    until(() -> show("q4", ".status.phase").equals("RUNNING"));
    assertEquals("", show("q4", ".metadata.annotations.mtls-migration\\.io/action"));
    assertEquals("True CarriedOut", condition("q4", "Commanded"));
    // The mesh of this test stands still, so its view may be told to be old before that.
    until(() -> show("q4", ".status.waiting").contains("foo: "));
    List<String> plan = words(CLUSTER.kubectl().ok("get", "mtlsplan", "q4", "--no-headers"));
    assertEquals(List.of("q4", "NAMESPACES", "RUNNING", "0/1"), plan.subList(0, 4));
    assertTrue(plan.contains("foo:"), plan::toString);
    List<String> step =
        words(CLUSTER.kubectl().ok("get", "nsmig", "-n", TestCluster.OWN, "--no-headers"));
    assertEquals(List.of("q4.foo", "q4", "foo", "OBSERVING"), step.subList(0, 4));
  }

  private static List<String> words(String line) {
    return List.of(line.trim().split("\\s+"));
  }

  @Test
  void tellsChangesOfPhaseAsEvents() {
    CLUSTER.kubectl().apply(foo("told", "30m"));
    annotateWhenTaken("told");

    until(
        () -> CLUSTER.kubectl().ok("describe", "migrationplan", "told").contains("RUNNING: start"));
    until(
        () ->
            CLUSTER
                .kubectl()
                .ok("describe", "namespacemigration", "told.foo", "-n", TestCluster.OWN)
                .contains("PENDING → OBSERVING"));
  }

  private static void annotateWhenTaken(String plan) {
    until(() -> show(plan, ".status.phase").equals("DRAFT"));
    annotate(plan, "action=start");
    until(() -> show(plan, ".status.phase").equals("RUNNING"));
  }

  @Test
  void refusesAnEditWhileItRuns() {
    CLUSTER.kubectl().apply(foo("q4", "30m"));
    annotateWhenTaken("q4");

    CLUSTER.kubectl().apply(foo("q4", "1m"));

    until(() -> condition("q4", "Accepted").equals("False NotWhileRunning"));
    assertEquals("PT30M", show("q4", ".status.accepted.spec.gates.soak"));
    CLUSTER.kubectl().apply(foo("q4", "45m"));
    until(() -> condition("q4", "Accepted").equals("True Accepted"));
    assertEquals("PT45M", show("q4", ".status.accepted.spec.gates.soak"));
    Kubectl.Result scope = CLUSTER.kubectl().tryApply(foo("q4", "45m").replace("[foo]", "[bar]"));
    assertTrue(scope.err().contains("scope cannot be changed once a plan has been started"));
  }

  @Test
  void holdsADeletedPlanUntilItHasEnded() {
    CLUSTER.kubectl().apply(foo("q4", "30m"));
    annotateWhenTaken("q4");

    CLUSTER.kubectl().ok("delete", "mtlsplan", "q4", "--wait=false");

    until(() -> condition("q4", "Deletable").equals("False NotEnded"));
    assertEquals("RUNNING", show("q4", ".status.phase"));
    abortsAndIsGone("q4");
  }

  /**
   * As tools do that prune in the foreground: then the garbage collector deletes dependents first.
   */
  @Test
  void keepsItsStepsThoughItIsDeletedInTheForeground() {
    CLUSTER.kubectl().apply(foo("q4", "30m"));
    annotateWhenTaken("q4");
    String uid = show("q4", ".metadata.uid");
    until(() -> !steps("q4").isEmpty());
    CLUSTER.kubectl().apply(owned(uid));
    String step = steps("q4");

    CLUSTER.kubectl().ok("delete", "mtlsplan", "q4", "--cascade=foreground", "--wait=false");

    until(
        () ->
            CLUSTER
                .kubectl()
                .ok(
                    "get",
                    "configmap",
                    "owned",
                    "-n=" + TestCluster.OWN,
                    "-o=name",
                    "--ignore-not-found")
                .isEmpty());
    assertEquals(step, steps("q4"));
    assertEquals("RUNNING", show("q4", ".status.phase"));
    abortsAndIsGone("q4");
  }

  @Test
  void takesTheStepsOfAnEarlierReleaseFromTheGarbageCollector() {
    CLUSTER.kubectl().apply(foo("q4", "30m"));
    annotateWhenTaken("q4");
    until(() -> !steps("q4").isEmpty());

    CLUSTER.owns("q4", "q4.foo");

    until(() -> CLUSTER.ownersOf("q4.foo").isEmpty());
  }

  /** Shows, when it has gone, that the garbage collector has looked for what a plan owns. */
  private static String owned(String uid) {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: owned
      namespace: mtls-migration
      ownerReferences:
      - apiVersion: mtls-migration.io/v1
        kind: MigrationPlan
        name: q4
        uid: %s
        blockOwnerDeletion: true
    """
        .formatted(uid);
  }

  private static void abortsAndIsGone(String plan) {
    annotate(plan, "action=abort");
    until(() -> CLUSTER.kubectl().ok("get", "mtlsplan", "-o=name").isEmpty());
  }

  /** UIDs of the steps of a plan. */
  private static String steps(String plan) {
    return CLUSTER
        .kubectl()
        .ok(
            "get",
            "nsmig",
            "-n=" + TestCluster.OWN,
            "-l=mtls-migration.io/plan=" + plan,
            "-o=jsonpath={.items[*].metadata.uid}");
  }

  @Test
  void isTheSameByRestAndByKubectl() {
    CLUSTER.kubectl().apply(foo("kubectl", "30m"));
    until(() -> show("kubectl", ".status.phase").equals("DRAFT"));
    PlanSpec spec = ledger.plan("kubectl").orElseThrow().spec();
    commands.create(PlanControllerTest.named(spec, "rest"), "ann");
    until(() -> condition("rest", "Accepted").equals("True Accepted"));

    PlanRecord made = ledger.plan("kubectl").orElseThrow();
    PlanRecord rest = ledger.plan("rest").orElseThrow();

    assertEquals(made.spec(), PlanControllerTest.named(rest.spec(), "kubectl"));
    assertEquals(made.waves(), rest.waves());
    assertEquals(PlanPhase.DRAFT, rest.phase());
    for (String same :
        List.of(
            ".status.accepted",
            ".status.waves",
            ".status.progress",
            ".status.waiting",
            ".status.conditions[*].reason",
            ".status.conditions[*].message",
            ".metadata.finalizers")) {
      assertEquals(show("kubectl", same), show("rest", same), same);
    }
  }

  @Test
  void letsOnlyApproversApprove() {
    CLUSTER.kubectl().apply(foo("q4", "30m"));
    Kubectl operator = CLUSTER.as("people", "operator").kubectl();
    Kubectl approver = CLUSTER.as("people", "approver").kubectl();
    bind("operator", "mtls-migration-operator");
    bind("approver", "mtls-migration-operator");
    bind("approver", "mtls-migration-approver");
    String[] approve = {
      "annotate", "migrationplan", "q4", "mtls-migration.io/approve=foo", "--overwrite"
    };
    // Roles, and the policy, are in force when the API server has heard of them.
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> operator.run(approve).err().contains("needs the verb \"approve\""));

    Kubectl.Result start =
        operator.run("annotate", "migrationplan", "q4", "mtls-migration.io/action=start");

    assertTrue(start.succeeded(), start.err());
    await().atMost(Duration.ofSeconds(30)).until(() -> approver.run(approve).succeeded());
  }

  /**
   * A plan in Git: what a controller applies again and again starts once, and what is stopped stays
   * so.
   */
  @Test
  void beginsOnceWhateverIsAppliedAgain() {
    String manifest = foo("q4", "30m") + "  start: WHEN_ACCEPTED\n";
    CLUSTER.kubectl().apply(manifest);
    until(() -> show("q4", ".status.phase").equals("RUNNING"));

    annotate("q4", "action=pause");
    until(() -> show("q4", ".status.phase").equals("PAUSED"));
    CLUSTER.kubectl().apply(manifest);
    CLUSTER.kubectl().apply(manifest.replace("WHEN_ACCEPTED", "ON_COMMAND"));
    CLUSTER.kubectl().apply(manifest);
    turns();
    assertEquals("PAUSED", show("q4", ".status.phase"));
    assertEquals("True Accepted", condition("q4", "Accepted"));

    annotate("q4", "action=abort");
    until(() -> show("q4", ".status.phase").equals("ABORTED"));
    CLUSTER.kubectl().apply(manifest);
    turns();
    assertEquals("ABORTED", show("q4", ".status.phase"));
    assertEquals("True Accepted", condition("q4", "Accepted"));
  }

  /** Enough of them for whatever a new manifest leads to. */
  private static void turns() {
    String generation = show("q4", ".metadata.generation");
    until(() -> show("q4", ".status.observedGeneration").equals(generation));
    for (int i = 0; i < 5; i++) {
      loop.tick(mesh);
      reconciler.turn();
      commands.startAccepted();
    }
  }

  @Test
  void letsOnlyWhoMayStartWriteADraftThatBeginsByItself() {
    Kubectl author = CLUSTER.as("people", "author").kubectl();
    CLUSTER
        .kubectl()
        .ok(
            "create",
            "clusterrole",
            "plan-authors",
            "--verb=get,create,patch,update",
            "--resource=migrationplans.mtls-migration.io");
    bind("author", "plan-authors");
    String draft = foo("q4", "30m");
    await().atMost(Duration.ofSeconds(30)).until(() -> author.tryApply(draft).succeeded());

    Kubectl.Result refused = author.tryApply(draft + "  start: WHEN_ACCEPTED\n");

    assertTrue(refused.err().contains("needs the verb \"start\""), refused.err());
    bind("author", "mtls-migration-operator");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> author.tryApply(draft + "  start: WHEN_ACCEPTED\n").succeeded());
    until(() -> show("q4", ".status.phase").equals("RUNNING"));
  }

  @Test
  void letsOnlyWhoMayOverrideLetAClientFail() {
    CLUSTER.kubectl().apply(foo("q4", "30m"));
    annotate("q4", "action=start");
    until(() -> show("q4", ".status.phase").equals("RUNNING"));
    Kubectl maker = CLUSTER.as("people", "maker").kubectl();
    Kubectl judge = CLUSTER.as("people", "judge").kubectl();
    bind("maker", "mtls-migration-operator");
    bind("judge", "mtls-migration-operator");
    bind("judge", "mtls-migration-approver");
    String[] ignore = {
      "annotate", "migrationplan", "q4", "mtls-migration.io/ignore-client=legacy/curl goes in May"
    };
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> maker.run(ignore).err().contains("needs the verb \"override\""));

    await().atMost(Duration.ofSeconds(30)).until(() -> judge.run(ignore).succeeded());

    until(() -> condition("q4", "Commanded").equals("True CarriedOut"));
    until(() -> condition("q4", "Accepted").startsWith("True"));
    assertEquals("legacy/curl", show("q4", ".spec.verification.ignoreClients[*].workload"));
    assertFalse(show("q4", ".metadata.annotations").contains("ignore-client"));
    Event told =
        ledger.events("q4").stream()
            .filter(event -> event.type() == Event.Type.OVERRIDDEN)
            .findFirst()
            .orElseThrow();
    assertEquals("kubectl-annotate (field manager)", told.actor());
    assertTrue(told.message().endsWith("goes in May"), told.message());
  }

  private static void bind(String account, String role) {
    CLUSTER
        .kubectl()
        .ok(
            "create",
            "clusterrolebinding",
            account + "-" + role,
            "--clusterrole=" + role,
            "--serviceaccount=people:" + account);
  }
}
