// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is copied into a shell is safe there, and does what the item says. */
final class RemediesTest {

  private final Remedies remedies =
      new Remedies(
          mesh(
              namespace("istio-system"),
              namespace("legacy").with(pod("curl"), pod("nightly").of("CronJob", "nightly")),
              namespace("closed").label("istio-injection", "disabled").with(pod("curl")),
              namespace("foo")
                  .label("istio-injection", "enabled")
                  .with(
                      sidecarPod("httpbin").ports(8080).annotation("prometheus.io/port", "8080"),
                      sidecarPod("plain"))
                  .with(
                      service("db").port("http", 8000, "8000").port("data", 8080, "8080"),
                      service("web").port(8080, 8080))
                  .with(
                      destinationRule("off", "httpbin").tls(ClientTlsMode.DISABLE),
                      destinationRule("ports", "httpbin").port(8000, ClientTlsMode.DISABLE))),
          Instant.parse("2026-06-01T09:00:00Z"));

  private String of(ItemKind kind, String type, String namespace, String name, String plan) {
    return remedies.of(
        new Cause.Key(kind, new ObjectRef(type, namespace, name), plan),
        Set.of(8080),
        Set.of(type.equals("Mesh") ? "istio-system" : namespace.isEmpty() ? "foo" : namespace));
  }

  static Stream<Arguments> remedies() {
    String patch = " --type=merge -p '{\"spec\":";
    String inject = "{\"metadata\":{\"labels\":{\"sidecar.istio.io/inject\":\"true\"}}}";
    return Stream.of(
        argumentSet(
            "inject by the pod's label",
            ItemKind.INJECT_CLIENT,
            "Deployment legacy/curl",
            "",
            "kubectl -n legacy patch deployment/curl" + patch + "{\"template\":" + inject + "}}'"),
        argumentSet(
            "inject the pods of a job",
            ItemKind.INJECT_CLIENT,
            "CronJob legacy/nightly",
            "",
            "kubectl -n legacy patch cronjob/nightly"
                + patch
                + "{\"jobTemplate\":{\"spec\":{\"template\":"
                + inject
                + "}}}}'"),
        argumentSet(
            "inject where the namespace declines",
            ItemKind.INJECT_CLIENT,
            "Deployment closed/curl",
            "",
            "kubectl label namespace closed istio-injection=enabled --overwrite\n"
                + "kubectl -n closed rollout restart deployment/curl"),
        argumentSet(
            "restart",
            ItemKind.RESTART_POD,
            "Deployment foo/plain",
            "",
            "kubectl -n foo rollout restart deployment/plain"),
        argumentSet("no restart of a bare pod", ItemKind.RESTART_POD, "Pod foo/plain", "", ""),
        argumentSet(
            "fix a rule",
            ItemKind.FIX_DESTINATION_RULE,
            "DestinationRule foo/off",
            "",
            "kubectl -n foo patch destinationrule/off --type=json -p '[{\"op\":\"replace\","
                + "\"path\":\"/spec/trafficPolicy/tls\",\"value\":{\"mode\":\"ISTIO_MUTUAL\"}}]'"),
        argumentSet(
            "a port's place in a rule is not known",
            ItemKind.FIX_DESTINATION_RULE,
            "DestinationRule foo/ports",
            "",
            "kubectl -n foo edit destinationrule/ports"),
        argumentSet(
            "scrape the proxy",
            ItemKind.MOVE_SCRAPE_PORT,
            "Deployment foo/httpbin",
            "",
            "kubectl -n foo patch deployment/httpbin"
                + patch
                + "{\"template\":{\"metadata\":{\"annotations\":"
                + "{\"prometheus.istio.io/merge-metrics\":\"true\"}}}}}'"),
        argumentSet(
            "a monitor is nobody's annotation",
            ItemKind.MOVE_SCRAPE_PORT,
            "Deployment foo/plain",
            "",
            ""),
        argumentSet(
            "name the ports that tell no protocol",
            ItemKind.NAME_PORT,
            "Service foo/db",
            "",
            "kubectl -n foo patch service/db --type=json -p '[{\"op\":\"test\",\"path\":"
                + "\"/spec/ports/1/port\",\"value\":8080},{\"op\":\"add\",\"path\":"
                + "\"/spec/ports/1/appProtocol\",\"value\":\"tcp\"}]'"),
        argumentSet("a port that has a name by now", ItemKind.NAME_PORT, "Service foo/web", "", ""),
        argumentSet(
            "except",
            ItemKind.GIVE_EXCEPTION,
            "Deployment foo/httpbin",
            "",
            "{\"namespace\":\"foo\",\"selector\":{\"matchLabels\":{\"app\":\"httpbin\"}},"
                + "\"port\":8080,\"owner\":\"who\",\"reason\":\"why\",\"expires\":\"2026-08-30\"}"),
        argumentSet(
            "look at the impact of a wave",
            ItemKind.APPROVE,
            "Wave /first",
            "q4",
            "curl -H \"Authorization: Bearer $TOKEN\""
                + " \"$MTLS_MIGRATION/api/v1/namespaces/foo/impact?plan=q4\""),
        argumentSet(
            "look for longer",
            ItemKind.LENGTHEN_WINDOW,
            "MigrationPlan /q4",
            "q4",
            "mtls-migration windows q4 --plaintext-window DURATION"),
        argumentSet("no plan, no command", ItemKind.LENGTHEN_WINDOW, "Mesh /mesh", "", ""),
        argumentSet(
            "show a client",
            ItemKind.FIX_CLIENT,
            "Deployment foo/httpbin",
            "",
            "kubectl -n foo get deployment/httpbin -o yaml"),
        argumentSet(
            "show what has a hazard",
            ItemKind.CLEAR_HAZARD,
            "Namespace /foo",
            "",
            "kubectl get namespace/foo -o yaml"),
        argumentSet("nothing to show", ItemKind.CLEAR_HAZARD, "Node foo/n-1", "", ""),
        argumentSet(
            "show the gates",
            ItemKind.CLEAR_GATE,
            "Wave /first",
            "q4",
            "curl -H \"Authorization: Bearer $TOKEN\""
                + " \"$MTLS_MIGRATION/api/v1/namespaces/foo/readiness?plan=q4\""),
        argumentSet(
            "show the gates of the mesh step",
            ItemKind.MEND_EVIDENCE,
            "Mesh /mesh",
            "q4",
            "curl -H \"Authorization: Bearer $TOKEN\""
                + " \"$MTLS_MIGRATION/api/v1/plans/q4/mesh\""),
        argumentSet("without a plan it has none", ItemKind.KEEP_LOGS, "Mesh /mesh", "", ""),
        argumentSet(
            "look at the mesh step",
            ItemKind.DECIDE_HELD,
            "Mesh /mesh",
            "q4",
            "curl -H \"Authorization: Bearer $TOKEN\""
                + " \"$MTLS_MIGRATION/api/v1/plans/q4/mesh\""));
  }

  @ParameterizedTest
  @MethodSource("remedies")
  void isWhatThereIsToCopy(ItemKind kind, String subject, String plan, String expected) {
    String type = subject.substring(0, subject.indexOf(' '));
    String id = subject.substring(subject.indexOf(' ') + 1);
    assertEquals(
        expected,
        of(kind, type, id.substring(0, id.indexOf('/')), id.substring(id.indexOf('/') + 1), plan));
  }

  /** Evidence and waves are named by others. */
  @Test
  void givesNoneForANameThatIsNoneOfKubernetes() {
    Seeds.each(
        300,
        draw -> {
          String nasty = nasty(draw);
          for (ItemKind kind : ItemKind.values()) {
            String type = draw.of("Deployment", "Wave", "DestinationRule", "PeerAuthentication");
            assertEquals("", of(kind, type, "legacy", nasty, ""), kind + " " + nasty);
            assertEquals("", of(kind, type, nasty, "curl", ""), kind + " " + nasty);
            assertEquals("", of(kind, type, "legacy", "curl", nasty), kind + " " + nasty);
          }
        });
  }

  private static String nasty(Draw draw) {
    String bad = draw.of("'", "\"", "$(id)", "`id`", ";", "\n", " ", "/", "\\", "&", "é", "A");
    String text = "cu" + bad + "rl";
    return draw.coin() ? text : draw.of("-curl", ".curl", "x".repeat(254), bad);
  }

  @Test
  void knowsNamesOfKubernetes() {
    assertTrue(Remedies.plain("curl-7.legacy"));
    assertFalse(Remedies.plain(""));
    assertFalse(Remedies.plain("--all"));
  }
}
