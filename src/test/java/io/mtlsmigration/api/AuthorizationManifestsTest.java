// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.AuthorizationDrafts;
import io.mtlsmigration.plan.AuthorizationDrafts.Outlook;
import io.mtlsmigration.plan.AuthorizationStudy;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Drafts as YAML. The file is also read by oracle/drafts_test.go, which asks Istio about it. */
final class AuthorizationManifestsTest {

  private static final Path GOLDEN = Path.of("src/test/resources/authorization/drafts.yaml");
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

  private static final MeshSnapshot MESH =
      mesh(
          namespace("foo")
              .with(
                  sidecarPod("web").ports(8080).probe(8080),
                  sidecarPod("store").ports(6379),
                  gatewayPod("ingress"))
              .with(service("web").port(80, 8080), service("store").port("tcp", 6379, "6379")),
          namespace("bar").with(ambientPod("api").ports(8080)).with(service("api").port(80, 8080)),
          namespace("baz").with(sidecarPod("app").ports(8080)));

  @Test
  void readsAsItIsCommitted() throws IOException {
    String yaml =
        yaml("foo", Outlook.EXEMPT) + yaml("bar", Outlook.LOCKED) + yaml("baz", Outlook.EXEMPT);

    if (Boolean.getBoolean("update.golden")) {
      Files.createDirectories(GOLDEN.getParent());
      Files.writeString(GOLDEN, yaml);
    }
    assertEquals(Files.readString(GOLDEN), yaml);
  }

  @Test
  void readsBackAsTheObjectsItShows() {
    AuthorizationDrafts drafts = drafts("foo", Outlook.EXEMPT);

    String yaml = AuthorizationManifests.yaml(drafts, "q4", null);

    assertEquals(
        drafts.policies().stream().map(AuthorizationManifests::object).toList(),
        ManifestReader.read(yaml, "test").objects().stream().map(m -> m.tree()).toList());
  }

  /** A reason is somebody's free text. */
  @Test
  void keepsWordsOfOthersInsideComments() {
    String yaml = yaml("bar", Outlook.LOCKED);

    assertFalse(yaml.contains("\nkind: Secret"), yaml);
    assertEquals(1, ManifestReader.read(yaml, "test").objects().size());
  }

  private static String yaml(String namespace, Outlook outlook) {
    return AuthorizationManifests.yaml(drafts(namespace, outlook), "q4", "an hour is not a day");
  }

  private static AuthorizationDrafts drafts(String namespace, Outlook outlook) {
    return AuthorizationStudy.of(
        MeshModes.resolve(MESH),
        namespace,
        spec(),
        outlook,
        new Evidence.Measured<>(
            new NamespaceTraffic(
                List.of(seen("store", "10.0.9.7"), seen("store", "fd00::7")), 0, 0),
            NOW));
  }

  private static Edge seen(String server, String address) {
    return new Edge(
        new Caller(null, address),
        new WorkloadRef("foo", "Deployment", server),
        6379,
        "tcp",
        Edge.Security.PLAINTEXT,
        1,
        0,
        NOW,
        NOW,
        "test");
  }

  private static PlanSpec spec() {
    return new PlanSpec(
        "q4",
        PlanSpec.Target.NAMESPACES,
        PlanSpec.Scope.EVERYTHING,
        List.of(),
        PlanSpec.Gates.DEFAULT,
        PlanSpec.Verification.DEFAULT,
        PlanSpec.OnFailure.ROLLBACK,
        PlanSpec.Apply.DIRECT,
        false,
        List.of(
            exception("foo", "web", "scrape", "/metrics", "/status/*"),
            exception("bar", "api", "first\n---\nkind: Secret\u2028x: y", "/metrics")),
        PlanSpec.Start.ON_COMMAND);
  }

  private static PolicyException exception(
      String namespace, String app, String reason, String... paths) {
    return new PolicyException(
        namespace,
        Map.of("app", app),
        8080,
        "team-a",
        reason,
        LocalDate.of(2027, 3, 1),
        List.of(paths));
  }
}
