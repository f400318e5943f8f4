// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.PlanSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Plans for tests: every gate on, in seconds. */
public final class Specs {

  private String name = "plan";
  private PlanSpec.Target target = PlanSpec.Target.NAMESPACES;
  private List<String> scope = List.of();
  private final List<PlanSpec.WaveSpec> waves = new ArrayList<>();
  private PlanSpec.NoSamples noSamples = PlanSpec.NoSamples.HOLD;
  private boolean probes = true;
  private PlanSpec.Approval approval = PlanSpec.Approval.NONE;
  private List<ChangeWindow> windows = List.of();
  private List<PlanSpec.Hook> hooks = List.of();
  private Duration soak = Duration.ofSeconds(5);
  private Duration audit;
  private Duration plaintextWindow = Duration.ofSeconds(20);
  private Duration verification = Duration.ofSeconds(10);
  private int maxRefusals;
  private List<PlanSpec.IgnoredClient> ignored = List.of();
  private PlanSpec.OnFailure onFailure = PlanSpec.OnFailure.ROLLBACK;
  private PlanSpec.Apply apply = PlanSpec.Apply.DIRECT;
  private boolean adopt;
  private final List<PlanSpec.PolicyException> exceptions = new ArrayList<>();

  public static Specs mesh() {
    Specs specs = new Specs();
    specs.target = PlanSpec.Target.MESH;
    return specs;
  }

  public static Specs namespaces(String... names) {
    Specs specs = new Specs();
    specs.scope = List.of(names);
    return specs;
  }

  public Specs named(String to) {
    name = to;
    return this;
  }

  public Specs wave(String wave, String... members) {
    waves.add(new PlanSpec.WaveSpec(wave, List.of(members), null));
    return this;
  }

  public Specs noSamples(PlanSpec.NoSamples to) {
    noSamples = to;
    return this;
  }

  public Specs probes(boolean to) {
    probes = to;
    return this;
  }

  public Specs approval(PlanSpec.Approval to) {
    approval = to;
    return this;
  }

  public Specs window(ChangeWindow... to) {
    windows = List.of(to);
    return this;
  }

  public Specs hook(PlanSpec.Hook... to) {
    hooks = List.of(to);
    return this;
  }

  public Specs soak(Duration to) {
    soak = to;
    return this;
  }

  /** Looks at so much time before, and after a lock. */
  public Specs looks(Duration before, Duration after) {
    plaintextWindow = before;
    verification = after;
    return this;
  }

  public Specs audit(Duration to) {
    audit = to;
    return this;
  }

  public Specs maxRefusals(int to) {
    maxRefusals = to;
    return this;
  }

  public Specs ignore(PlanSpec.IgnoredClient client) {
    ignored = List.of(client);
    return this;
  }

  public Specs hold() {
    onFailure = PlanSpec.OnFailure.HOLD;
    return this;
  }

  public Specs manifest() {
    apply = PlanSpec.Apply.MANIFEST;
    return this;
  }

  public Specs adopt() {
    adopt = true;
    return this;
  }

  public Specs except(String namespace, String app, Integer port) {
    exceptions.add(
        new PlanSpec.PolicyException(
            namespace,
            java.util.Map.of("app", app),
            port,
            "team-a",
            "scrape",
            java.time.LocalDate.parse("2027-03-01"),
            List.of()));
    return this;
  }

  public PlanSpec spec() {
    return new PlanSpec(
        name,
        target,
        new PlanSpec.Scope(scope, null),
        waves,
        new PlanSpec.Gates(
            plaintextWindow, noSamples, soak, probes, audit, approval, windows, hooks),
        new PlanSpec.Verification(verification, maxRefusals, 0.001, ignored),
        onFailure,
        apply,
        adopt,
        exceptions,
        PlanSpec.Start.ON_COMMAND);
  }
}
