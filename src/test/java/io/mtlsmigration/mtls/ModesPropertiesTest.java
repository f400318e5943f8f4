// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold whatever happens to a mesh. */
final class ModesPropertiesTest {

  private static final List<String> NAMES = List.of("a", "b", "c", "istio-system", "x", "y");

  /** A namespace comes, changes, or (without a mode) goes. */
  record Event(String name, MtlsMode mode, boolean selects, boolean goes) {}

  private static Event event(Draw draw) {
    return new Event(draw.of(NAMES), draw.of(MtlsMode.class), draw.coin(), draw.percent(20));
  }

  @Test
  void refreshingStepByStepEndsWhereResolvingDoes() {
    Seeds.each(
        1_000,
        draw -> {
          List<Event> events = draw.list(1, 12, () -> event(draw));
          MeshSnapshot snapshot = mesh();
          MeshModes refreshed = MeshModes.resolve(snapshot);
          for (Event event : events) {
            snapshot = after(snapshot, event);
            refreshed = refreshed.refresh(snapshot);
          }

          assertEquals(told(MeshModes.resolve(snapshot)), told(refreshed), () -> "after " + events);
        });
  }

  static Stream<Arguments> pairsOfModes() {
    return Stream.of(MtlsMode.values())
        .flatMap(older -> Stream.of(MtlsMode.values()).map(younger -> arguments(older, younger)));
  }

  @ParameterizedTest
  @MethodSource("pairsOfModes")
  void aYoungerPolicyOfTheSameScopeChangesNothing(MtlsMode older, MtlsMode younger) {
    for (boolean selects : new boolean[] {true, false}) {
      NamespaceBuilder foo = namespace("foo").with(sidecarPod("p"));
      PeerAuthentication first = build("zz", older, selects, 1);
      PeerAuthentication second = build("aa", younger, selects, 2);
      NamespaceFacts one = foo.build().withPeerAuthentications(List.of(first));
      NamespaceFacts both = foo.build().withPeerAuthentications(List.of(second, first));

      EffectiveMode alone = modeOfPod(one);
      EffectiveMode contested = modeOfPod(both);

      assertEquals(alone, contested);
    }
  }

  private static PeerAuthentication build(String name, MtlsMode mode, boolean selects, long age) {
    var policy = policy(name, mode).createdAt(age);
    return (selects ? policy.selector("app", "p") : policy).build("foo");
  }

  private static EffectiveMode modeOfPod(NamespaceFacts foo) {
    return MeshModes.resolve(mesh().with(foo)).namespace("foo").of(foo.pods().get(0));
  }

  private static MeshSnapshot after(MeshSnapshot before, Event event) {
    if (event.goes()) {
      NavigableMap<String, NamespaceFacts> rest = new TreeMap<>(before.namespaces());
      rest.remove(event.name());
      return MeshSnapshot.of(before.settings(), before.observedAt(), rest.values());
    }
    var policy = policy("p", event.mode());
    return before.with(
        namespace(event.name())
            .with(sidecarPod("p"))
            .with(event.selects() ? policy.selector("app", "p") : policy)
            .build());
  }

  private static List<String> told(MeshModes modes) {
    List<String> told = new ArrayList<>();
    told.add("mesh " + modes.mesh());
    for (String name : NAMES) {
      NamespaceModes namespace = modes.namespace(name);
      told.add(name + " " + namespace.mode() + " " + namespace.posture());
      for (Pod pod : namespace.facts().pods()) {
        told.add("  " + pod.ref() + " " + namespace.of(pod));
      }
    }
    modes.policies().forEach(standing -> told.add(standing.toString()));
    return told;
  }
}
