// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Plans and steps as {@code kubectl get -o yaml} saves them, lost, and restored as docs/backup.md
 * says: with phases, approvals and the way back, or not at all. With {@code
 * -Dcontract.write=FOLDER} what was saved is kept there, as resources.yaml: a release's custom
 * resources, for {@link UpgradeE2E}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RestoreE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService().withTask();

  private static final Path BACKUP = Path.of("target/e2e/RestoreE2E/backup.yaml");

  @Test
  @Order(1)
  void plansAreSavedAndLost() throws IOException {
    ServiceProcess service = CLUSTER.taskService("a").start().awaitReady();
    SavedPlans.make(CLUSTER, service);
    service.close();

    String saved = CLUSTER.kubectl().ok("get", SavedPlans.KINDS, "-A", "-o=yaml");
    Files.writeString(BACKUP, saved);
    String release = System.getProperty("contract.write", "");
    if (!release.isEmpty()) {
      Files.createDirectories(Path.of(release));
      Files.writeString(Path.of(release, "resources.yaml"), saved);
    }
    lose();
  }

  private static void lose() {
    for (String plan : new String[] {"foo", "mesh"}) {
      CLUSTER
          .kubectl()
          .ok(
              "patch",
              "migrationplan",
              plan,
              "--type=merge",
              "-p={\"metadata\":{\"finalizers\":null}}");
      CLUSTER.kubectl().run("delete", "migrationplan", plan, "--ignore-not-found");
    }
    CLUSTER.kubectl().ok("delete", "namespacemigrations", "-A", "--all");
    assertEquals("", CLUSTER.kubectl().ok("get", "migrationplans", "-o=name"));
  }

  @Test
  @Order(2)
  void aRunningServiceIsInTheWay() {
    SavedPlans.Said said = SavedPlans.restore(CLUSTER, BACKUP);

    assertAll(
        () -> assertEquals(1, said.exit()),
        () -> assertTrue(said.words().contains("the service runs"), said::words),
        () -> assertEquals("", CLUSTER.kubectl().ok("get", "migrationplans", "-o=name")));
    SavedPlans.scaleDown(CLUSTER);
  }

  /** The policy was made anew meanwhile: the step may not claim to be able to undo it. */
  @Test
  @Order(3)
  void saysWhatHasNoWayBack() {
    String uid =
        CLUSTER
            .kubectl()
            .ok("get", "peerauthentication", "default", "-n=foo", "-o=jsonpath={.metadata.uid}");
    String other = "0".repeat(8) + uid.substring(8);
    SavedPlans.Said said;
    try {
      Path changed = BACKUP.resolveSibling("changed.yaml");
      Files.writeString(changed, Files.readString(BACKUP).replace(uid, other));
      said = SavedPlans.restore(CLUSTER, changed);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }

    assertAll(
        () -> assertEquals(1, said.exit()),
        () ->
            assertTrue(
                said.words()
                    .contains(
                        "WITHOUT A WAY BACK: foo.foo: PeerAuthentication foo/default is not the one"
                            + " that it wrote"),
                said::words),
        () -> assertEquals("", CLUSTER.kubectl().ok("get", "migrationplans", "-o=name")));
  }

  @Test
  @Order(4)
  void restoredPlansGoOnAndCanBeUndone() {
    SavedPlans.Said said = SavedPlans.restore(CLUSTER, BACKUP);
    assertEquals(0, said.exit(), said::words);
    String ledger =
        CLUSTER
            .kubectl()
            .ok(
                "get",
                "namespacemigration",
                "foo.foo",
                "-n",
                TestCluster.OWN,
                "-o=jsonpath={.status.ledger[*].object.name}");
    assertEquals("default", ledger);

    SavedPlans.goOn(CLUSTER, CLUSTER.taskService("b").start().awaitReady());
  }

  /** What docs/backup.md warns of. */
  @Test
  @Order(5)
  void applyAloneRestoresADraft() {
    CLUSTER
        .kubectl()
        .apply(
            """
            apiVersion: mtls-migration.io/v1
            kind: MigrationPlan
            metadata: {name: applied}
            spec: {scope: {namespaces: [bar]}}
            status: {phase: COMPLETED, revision: 7}
            """);

    await("it is a draft")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertEquals(
                    "DRAFT",
                    CLUSTER
                        .kubectl()
                        .ok("get", "migrationplan", "applied", "-o=jsonpath={.status.phase}")));
  }
}
