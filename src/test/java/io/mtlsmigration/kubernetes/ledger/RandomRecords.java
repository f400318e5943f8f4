// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Approval;
import io.mtlsmigration.rollout.DryRun;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateOverride;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.HookCall;
import io.mtlsmigration.rollout.HookNotice;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.testing.Draw;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Records with anything in every field. */
final class RandomRecords {

  private final Draw draw;

  RandomRecords(Draw draw) {
    this.draw = draw;
  }

  private <T> List<T> some(Supplier<T> element) {
    return draw.list(0, 3, element);
  }

  private <T> T maybe(Supplier<T> value) {
    return draw.coin() ? value.get() : null;
  }

  private String words() {
    return draw.of("", "a", "Ä \"quoted\"", "two\nlines", "null", "0", "~/x: #", "\u2028");
  }

  private String name() {
    return "n" + draw.below(5);
  }

  private Instant at() {
    return Instant.ofEpochSecond(
        draw.between(-2_000_000_000L, 2_000_000_000L), draw.below(1_000_000_000));
  }

  private Map<String, String> labels() {
    Map<String, String> labels = new HashMap<>();
    some(this::name).forEach(name -> labels.put(name, words()));
    return labels;
  }

  private Map<Integer, MtlsMode> ports() {
    Map<Integer, MtlsMode> ports = new HashMap<>();
    some(() -> draw.between(1, 65_535)).forEach(port -> ports.put(port, draw.of(MtlsMode.class)));
    return ports;
  }

  private PeerAuthentication.Spec policy() {
    return new PeerAuthentication.Spec(labels(), draw.of(MtlsMode.class), ports());
  }

  private ObjectRef ref() {
    return ObjectRef.peerAuthentication(name(), name());
  }

  private Set<Gate> gates() {
    Set<Gate> gates = EnumSet.noneOf(Gate.class);
    gates.addAll(some(() -> draw.of(Gate.class)));
    return gates;
  }

  private Map<Gate, List<String>> covers() {
    Map<Gate, List<String>> covers = new EnumMap<>(Gate.class);
    gates().forEach(gate -> covers.put(gate, some(this::words)));
    return covers;
  }

  StepRecord step() {
    StepKey key = draw.below(4) == 0 ? StepKey.MESH : new StepKey(name());
    return new StepRecord(
        "plan",
        key,
        words(),
        "",
        draw.of(Phase.class),
        at(),
        draw.of(Reason.class),
        words(),
        some(
            () ->
                new GateResult(
                    draw.of(Gate.class),
                    draw.of(GateResult.Result.class),
                    draw.of(Reason.class),
                    words(),
                    some(this::words),
                    at())),
        maybe(this::at),
        maybe(this::at),
        some(
            () ->
                new LedgerEntry(
                    ref(),
                    words(),
                    maybe(this::policy),
                    maybe(this::policy),
                    draw.of(MtlsMode.class),
                    ports(),
                    draw.of(PolicyChange.Purpose.class),
                    words(),
                    at())),
        some(
            () ->
                new WriteIntent(
                    new PolicyChange(
                        ref(),
                        maybe(this::policy),
                        maybe(this::policy),
                        draw.of(PolicyChange.Purpose.class),
                        draw.coin(),
                        words()),
                    words(),
                    words(),
                    words(),
                    draw.below(100),
                    at(),
                    maybe(() -> new EffectiveMode(draw.of(MtlsMode.class), null, ports(), null)))),
        some(
            () ->
                new GateOverride(
                    gates(),
                    words(),
                    at(),
                    words(),
                    draw.between(0, 9),
                    draw.coin(),
                    draw.coin(),
                    covers())),
        draw.below(3),
        maybe(() -> new StepRecord.Request(draw.of(StepAction.class), words(), words(), at())),
        some(this::notice),
        maybe(
            () ->
                new DryRun(
                    name(),
                    draw.coin(),
                    words(),
                    maybe(this::at),
                    maybe(this::at),
                    words(),
                    maybe(() -> Set.copyOf(some(this::name).stream().distinct().toList())),
                    Set.copyOf(some(this::name).stream().distinct().toList()))),
        draw.coin(),
        draw.coin(),
        Set.copyOf(some(() -> draw.of(PolicyChange.Purpose.class)).stream().distinct().toList()),
        draw.between(1, 8),
        maybe(
            () ->
                new StepRecord.Health(
                    at(),
                    draw.of(Reason.class),
                    words(),
                    Set.copyOf(some(this::name).stream().distinct().toList()))),
        draw.coin() ? Instant.EPOCH : at(),
        draw.coin());
  }

  private HookNotice notice() {
    return new HookNotice(
        name(),
        hook(),
        draw.below(100),
        draw.of(Phase.class),
        draw.of(Reason.class),
        words(),
        at(),
        some(
            () ->
                new HookCall.Change(
                    ref(),
                    draw.of(PolicyChange.Purpose.class),
                    maybe(this::policy),
                    maybe(this::policy))),
        words());
  }

  private PlanSpec.Hook hook() {
    return new PlanSpec.Hook(
        URI.create("https://hooks.example/" + name() + "?a=b"), draw.of(PlanSpec.Hook.When.class));
  }

  private LabelSelector selector() {
    return new LabelSelector(
        labels(),
        some(
            () -> {
              LabelSelector.Operator operator = draw.of(LabelSelector.Operator.class);
              boolean values =
                  operator == LabelSelector.Operator.IN
                      || operator == LabelSelector.Operator.NOT_IN;
              return new LabelSelector.Requirement(
                  name(), operator, values ? List.of(name(), name()) : List.of());
            }));
  }

  private Duration duration() {
    return Duration.ofMillis(draw.between(1, 100_000_000));
  }

  PlanSpec spec() {
    return new PlanSpec(
        "plan",
        draw.of(PlanSpec.Target.class),
        new PlanSpec.Scope(some(this::name), maybe(this::selector)),
        some(() -> new PlanSpec.WaveSpec(name(), some(this::name), maybe(this::selector))),
        new PlanSpec.Gates(
            duration(),
            draw.of(PlanSpec.NoSamples.class),
            duration(),
            draw.coin(),
            maybe(this::duration),
            draw.of(PlanSpec.Approval.class),
            some(() -> ChangeWindow.parse("Mon-Wed,Fri 09:00-16:30 Europe/Berlin")),
            some(this::hook)),
        new PlanSpec.Verification(
            duration(),
            draw.below(5),
            draw.share(),
            some(
                () ->
                    draw.coin()
                        ? new PlanSpec.IgnoredClient("10.0.9.0/24", null)
                        : new PlanSpec.IgnoredClient(null, "legacy/curl"))),
        draw.of(PlanSpec.OnFailure.class),
        draw.of(PlanSpec.Apply.class),
        draw.coin(),
        some(
            () ->
                new PlanSpec.PolicyException(
                    name(),
                    labels(),
                    maybe(() -> draw.between(1, 65_535)),
                    name(),
                    name(),
                    LocalDate.ofEpochDay(draw.below(40_000)),
                    some(() -> "/" + name()))),
        draw.of(PlanSpec.Start.class));
  }

  PlanRecord plan() {
    return new PlanRecord(
        spec(),
        "uid",
        "",
        draw.between(1, 99),
        draw.of(PlanPhase.class),
        words(),
        at(),
        maybe(this::at),
        maybe(this::at),
        some(() -> new Wave(name(), some(() -> new Wave.Member(name(), words())))),
        labels(),
        words(),
        some(
            () ->
                new Approval(
                    name(), name(), Instant.EPOCH, words(), draw.below(2), draw.below(3), name())));
  }

  Event event(String subject) {
    return new Event(
        draw.between(1, 1L << 53),
        at(),
        "plan",
        subject,
        draw.of(Event.Type.class),
        words(),
        words(),
        draw.of(Reason.class),
        words(),
        words(),
        labels());
  }
}
