// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.plan.PlanBuilders.exception;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RatchetTest {

  static List<RatchetCases.Case> cases() {
    return RatchetCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void refusesWhatIsWeaker(RatchetCases.Case one) {
    Optional<String> refusal =
        one.ratchet().refusal(one.namespace(), "default", one.before(), one.after());

    assertEquals(one.refused(), refusal.isPresent(), () -> refusal.toString());
  }

  @Test
  void namesTheObjectAndTheRemedy() {
    String refusal =
        RatchetCases.MESH
            .refusal("istio-system", "default", Spec.of(MtlsMode.STRICT), null)
            .orElseThrow();

    assertTrue(refusal.contains("PeerAuthentication default"), refusal);
    assertTrue(refusal.contains("set _mesh to OPEN"), refusal);
  }

  @Test
  void letsGoOfOneNamespaceAndHoldsTheOthers() {
    Ratchet lifted = RatchetCases.MESH.lifted("newborn");

    assertFalse(lifted.holds("newborn"));
    assertTrue(lifted.holds("another"));
    assertEquals(List.of("_mesh", "foo"), lifted.held());
    assertEquals(List.of("exempt", "newborn"), lifted.lifted());
  }

  @Test
  void tellsExceptionsInAnOrderThatDoesNotChange() {
    Map<String, List<PolicyException>> locked =
        Map.of(
            "foo",
            List.of(
                exception("foo", Map.of("b", "2", "a", "1"), 9090),
                exception("foo", Map.of("app", "open"), null)));

    Ratchet ratchet = Ratchet.of("istio-system", locked, List.of("bar"), false);

    assertEquals(
        Map.of("_root", "istio-system", "foo", "STRICT\n* app=open\n9090 a=1 b=2"),
        ratchet.entries());
  }

  @Test
  void namesWhatStaysOpenWhenTheMeshIsLocked() {
    Ratchet ratchet = Ratchet.of("istio-system", Map.of(), List.of("bar"), true);

    assertEquals(
        Map.of("_root", "istio-system", "_mesh", "STRICT", "bar", "OPEN"), ratchet.entries());
  }

  @Test
  void liftsTheMeshByAnEntryOfItsOwn() {
    assertEquals("_mesh", Ratchet.key("istio-system", "istio-system"));
    assertEquals("foo", Ratchet.key("foo", "istio-system"));
  }
}
