// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Hooks that answer as a test says, and remember what they were asked and told. */
public final class SimulatedHooks implements HookCaller {

  public final List<HookCall> asked = new ArrayList<>();

  /** Messages that were taken, as often as they came. */
  public final List<HookCall> taken = new ArrayList<>();

  /** By host; a hook without an entry says nothing. */
  public final Map<String, Answer> answers = new HashMap<>();

  public Delivery delivery = new Delivery.Delivered();

  public static PlanSpec.Hook hook(String host, PlanSpec.Hook.When when) {
    return new PlanSpec.Hook(URI.create("https://" + host + "/hook?key=s3cret"), when);
  }

  @Override
  public Answer ask(HookCall call) {
    asked.add(call);
    return answers.getOrDefault(
        call.hook().host(), new Answer.Pending(call.hook().host() + " has been asked"));
  }

  @Override
  public Delivery tell(HookCall call) {
    if (delivery instanceof Delivery.Delivered) {
      taken.add(call);
    }
    return delivery;
  }

  public Set<String> idsAsked() {
    Set<String> ids = new HashSet<>();
    asked.forEach(call -> ids.add(call.id()));
    return ids;
  }

  public Set<String> idsTaken() {
    Set<String> ids = new HashSet<>();
    taken.forEach(call -> ids.add(call.id()));
    return ids;
  }
}
