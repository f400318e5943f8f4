package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
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
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/** Records with anything in every field. */
final class RandomRecords {

  private final Random random;

  RandomRecords(long seed) {
    random = new Random(seed);
  }

  private <E extends Enum<E>> E any(Class<E> type) {
    E[] all = type.getEnumConstants();
    return all[random.nextInt(all.length)];
  }

  private <T> List<T> some(Supplier<T> element) {
    List<T> list = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      list.add(element.get());
    }
    return list;
  }

  private <T> T maybe(Supplier<T> value) {
    return random.nextBoolean() ? value.get() : null;
  }

  private String words() {
    String[] words = {"", "a", "Ä \"quoted\"", "two\nlines", "null", "0", "~/x: #", "\u2028"};
    return words[random.nextInt(words.length)];
  }

  private String name() {
    return "n" + random.nextInt(5);
  }

  private Instant at() {
    return Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
  }

  private Map<String, String> labels() {
    Map<String, String> labels = new HashMap<>();
    some(this::name).forEach(name -> labels.put(name, words()));
    return labels;
  }

  private Map<Integer, MtlsMode> ports() {
    Map<Integer, MtlsMode> ports = new HashMap<>();
    some(() -> random.nextInt(1, 65_536)).forEach(port -> ports.put(port, any(MtlsMode.class)));
    return ports;
  }

  private PeerAuthentication.Spec policy() {
    return new PeerAuthentication.Spec(labels(), any(MtlsMode.class), ports());
  }

  private ObjectRef ref() {
    return ObjectRef.peerAuthentication(name(), name());
  }

  private Set<Gate> gates() {
    Set<Gate> gates = EnumSet.noneOf(Gate.class);
    gates.addAll(some(() -> any(Gate.class)));
    return gates;
  }

  StepRecord step() {
    StepKey key = random.nextInt(4) == 0 ? StepKey.MESH : new StepKey(name());
    return new StepRecord(
        "plan",
        key,
        words(),
        "",
        any(Phase.class),
        at(),
        any(Reason.class),
        words(),
        some(
            () ->
                new GateResult(
                    any(Gate.class),
                    any(GateResult.Result.class),
                    any(Reason.class),
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
                    any(MtlsMode.class),
                    ports(),
                    any(PolicyChange.Purpose.class),
                    words(),
                    at())),
        some(
            () ->
                new WriteIntent(
                    new PolicyChange(
                        ref(),
                        maybe(this::policy),
                        maybe(this::policy),
                        any(PolicyChange.Purpose.class),
                        random.nextBoolean(),
                        words()),
                    words(),
                    words(),
                    words(),
                    random.nextInt(100),
                    at())),
        some(() -> new GateOverride(gates(), words(), at(), words(), random.nextBoolean())),
        random.nextInt(3),
        maybe(() -> new StepRecord.Request(any(StepAction.class), words(), words(), at())),
        some(this::notice),
        maybe(
            () ->
                new DryRun(
                    name(), random.nextBoolean(), maybe(this::at), maybe(this::at), words())),
        random.nextBoolean(),
        random.nextBoolean(),
        Set.copyOf(some(() -> any(PolicyChange.Purpose.class)).stream().distinct().toList()),
        random.nextInt(1, 9),
        maybe(() -> new StepRecord.Health(at(), any(Reason.class), words())),
        random.nextBoolean() ? Instant.EPOCH : at());
  }

  private HookNotice notice() {
    return new HookNotice(
        name(),
        hook(),
        random.nextLong(100),
        any(Phase.class),
        any(Reason.class),
        words(),
        at(),
        some(
            () ->
                new HookCall.Change(
                    ref(),
                    any(PolicyChange.Purpose.class),
                    maybe(this::policy),
                    maybe(this::policy))),
        words());
  }

  private PlanSpec.Hook hook() {
    return new PlanSpec.Hook(
        URI.create("https://hooks.example/" + name() + "?a=b"), any(PlanSpec.Hook.When.class));
  }

  private LabelSelector selector() {
    return new LabelSelector(
        labels(),
        some(
            () -> {
              LabelSelector.Operator operator = any(LabelSelector.Operator.class);
              boolean values =
                  operator == LabelSelector.Operator.IN
                      || operator == LabelSelector.Operator.NOT_IN;
              return new LabelSelector.Requirement(
                  name(), operator, values ? List.of(name(), name()) : List.of());
            }));
  }

  private Duration duration() {
    return Duration.ofMillis(random.nextInt(1, 100_000_000));
  }

  PlanSpec spec() {
    return new PlanSpec(
        "plan",
        any(PlanSpec.Target.class),
        new PlanSpec.Scope(some(this::name), maybe(this::selector)),
        some(() -> new PlanSpec.WaveSpec(name(), some(this::name), maybe(this::selector))),
        new PlanSpec.Gates(
            duration(),
            any(PlanSpec.NoSamples.class),
            duration(),
            random.nextBoolean(),
            maybe(this::duration),
            any(PlanSpec.Approval.class),
            some(() -> ChangeWindow.parse("Mon-Wed,Fri 09:00-16:30 Europe/Berlin")),
            some(this::hook)),
        new PlanSpec.Verification(
            duration(),
            random.nextInt(5),
            random.nextDouble(),
            some(
                () ->
                    random.nextBoolean()
                        ? new PlanSpec.IgnoredClient("10.0.9.0/24", null)
                        : new PlanSpec.IgnoredClient(null, "legacy/curl"))),
        any(PlanSpec.OnFailure.class),
        any(PlanSpec.Apply.class),
        random.nextBoolean(),
        some(
            () ->
                new PlanSpec.PolicyException(
                    name(),
                    labels(),
                    maybe(() -> random.nextInt(1, 65_536)),
                    name(),
                    name(),
                    LocalDate.ofEpochDay(random.nextInt(40_000)),
                    some(() -> "/" + name()))));
  }

  PlanRecord plan() {
    return new PlanRecord(
        spec(),
        "uid",
        "",
        random.nextLong(1, 100),
        any(PlanPhase.class),
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
                    name(),
                    name(),
                    Instant.EPOCH,
                    words(),
                    random.nextInt(2),
                    random.nextInt(3),
                    name())));
  }

  Event event(String subject) {
    return new Event(
        random.nextLong(1, 1L << 53),
        at(),
        "plan",
        subject,
        any(Event.Type.class),
        words(),
        words(),
        any(Reason.class),
        words(),
        words(),
        labels());
  }
}
