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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose access log Telemetries leave whole: of providers, those that write to standard output. */
final class ServerTelemetryTest {

  private static final AccessLogFormats FORMATS =
      new AccessLogFormats(List.of(), Map.of(), Set.of("json"), false);

  private static Telemetry telemetry(
      String name, @Nullable String revision, @Nullable Boolean disabled) {
    return new Telemetry(
        new ObjectRef("Telemetry", "foo", name),
        MeshBuilders.EPOCH,
        revision,
        Map.of(),
        false,
        disabled == null
            ? List.of()
            : List.of(new Telemetry.Change(Telemetry.Change.ALL, disabled, false)),
        List.of(),
        null,
        disabled == null ? Telemetry.Logging.INHERITED : Telemetry.Logging.IN_PART);
  }

  /**
   * The oldest of a namespace counts, by name where they are as old: a decoy of a revision that
   * nobody runs must not stand before it, and one of a revision that runs may be it.
   */
  @ParameterizedTest
  @CsvSource({
    "none, , true, b",
    "none, false, true, b",
    ", , true, ",
    "canary, true, , a",
    "canary, true, false, a",
    "canary, , , "
  })
  void whatAnyRevisionMayMakeOfItIsTold(
      @Nullable String revision,
      @Nullable Boolean first,
      @Nullable Boolean second,
      @Nullable String hiding) {
    NamespaceFacts foo =
        namespace("foo")
            .with(sidecarPod("web"))
            .with(any -> telemetry("a", revision, first))
            .with(any -> telemetry("b", null, second))
            .build();
    ServerTelemetry of =
        new ServerTelemetry(
            MeshSnapshot.of(MeshSettings.DEFAULT, MeshBuilders.EPOCH, List.of(foo)));

    assertEquals(
        hiding == null ? null : new ObjectRef("Telemetry", "foo", hiding),
        of.hidesPlaintext(foo.pods().getFirst()));
  }

  @ParameterizedTest
  @CsvSource({"envoy, true", "json, true", "otel, false", "otel json, true", "otel file, false"})
  void aLogThatGoesElsewhereAloneIsNotWhole(String providers, boolean whole) {
    Telemetry telemetry =
        new Telemetry(
            new ObjectRef("Telemetry", "foo", "logs"),
            MeshBuilders.EPOCH,
            null,
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
