// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.HookCall;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Calls for tests. */
final class HookCalls {

  static final Instant NOW = Instant.parse("2026-06-01T09:00:00Z");

  private HookCalls() {}

  static HookCall before(String url, String id) {
    return call(url, id, PlanSpec.Hook.When.BEFORE_LOCK);
  }

  static HookCall after(String url, String id) {
    return call(url, id, PlanSpec.Hook.When.AFTER_LOCK);
  }

  private static HookCall call(String url, String id, PlanSpec.Hook.When when) {
    boolean before = when == PlanSpec.Hook.When.BEFORE_LOCK;
    return new HookCall(
        new PlanSpec.Hook(URI.create(url), when),
        id,
        new HookCall.Origin("q4", "0a1b", 3, new StepKey("foo")),
        before ? Phase.READY : Phase.LOCKED,
        before ? Reason.GATES_HOLD : Reason.VERIFIED,
        before ? "every other gate holds" : "nobody is harmed by STRICT",
        NOW,
        List.of(
            new HookCall.Change(
                ObjectRef.peerAuthentication("foo", "httpbin"),
                PolicyChange.Purpose.EXCEPTION,
                null,
                new PeerAuthentication.Spec(
                    Map.of("app", "httpbin"), MtlsMode.UNSET, Map.of(9090, MtlsMode.PERMISSIVE))),
            new HookCall.Change(
                ObjectRef.peerAuthentication("foo", "default"),
                PolicyChange.Purpose.LOCK,
                PeerAuthentication.Spec.of(MtlsMode.PERMISSIVE),
                PeerAuthentication.Spec.of(MtlsMode.STRICT))));
  }

  static HookCall ofPlan(String plan, String url, String id) {
    HookCall call = before(url, id);
    return new HookCall(
        call.hook(),
        id,
        new HookCall.Origin(plan, "0a1b", 3, call.origin().key()),
        call.phase(),
        call.reason(),
        call.message(),
        call.at(),
        call.objects());
  }

  static HookCall mesh(String url) {
    HookCall call = before(url, "m");
    return new HookCall(
        call.hook(),
        call.id(),
        new HookCall.Origin("q4", "0a1b", 3, StepKey.MESH),
        call.phase(),
        call.reason(),
        call.message(),
        call.at(),
        List.of());
  }
}
