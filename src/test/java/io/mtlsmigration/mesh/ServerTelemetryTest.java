// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose access log Telemetries leave whole: of providers, those that write to standard output. */
final class ServerTelemetryTest {

  private static final AccessLogFormats FORMATS =
      new AccessLogFormats(List.of(), Map.of(), Set.of("json"), false);

  @ParameterizedTest
  @CsvSource({"envoy, true", "json, true", "otel, false", "otel json, true", "otel file, false"})
  void aLogThatGoesElsewhereAloneIsNotWhole(String providers, boolean whole) {
    Telemetry telemetry =
        new Telemetry(
            new ObjectRef("Telemetry", "foo", "logs"),
            MeshBuilders.EPOCH,
            Map.of(),
            false,
            List.of(),
            List.of(),
            null,
            Telemetry.Logging.whole(Set.of(providers.split(" "))));
    NamespaceFacts foo = namespace("foo").with(sidecarPod("web")).with(any -> telemetry).build();
    MeshSettings standard = MeshSettings.DEFAULT;
    MeshSettings settings =
        new MeshSettings(
            standard.rootNamespace(),
            standard.trustDomain(),
            standard.autoMtls(),
            standard.outboundAllowAny(),
            standard.trustDomainAliases(),
            standard.discoverySelectors(),
            FORMATS,
            standard.exports(),
            standard.debugHeaders(),
            standard.clusterDomain());
    ServerTelemetry of =
        new ServerTelemetry(MeshSnapshot.of(settings, MeshBuilders.EPOCH, List.of(foo)));

    assertEquals(whole ? null : telemetry.ref(), of.leavesCallsOut(foo.pods().getFirst()));
    assertTrue(of.logs(foo.pods().getFirst()));
    MeshSnapshot silent =
        MeshSnapshot.of(settings, MeshBuilders.EPOCH, List.of(namespace("foo").build()));
    assertFalse(new ServerTelemetry(silent).logs(foo.pods().getFirst()));
  }
}
