// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.mtlsmigration.hook.NoticeMeter;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.decisions.LockedHealth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Every metric that the service itself publishes. There is no other way to publish one, and
 * docs/metrics.md is generated from here. No label is a namespace, a workload or a pod, so that ten
 * thousand namespaces have as many series as three.
 */
enum Metric {
  TICKS(
      Type.TIMER,
      "ticks",
      "Turns of the loop. `partial`: some step failed and is tried again; `died`: the whole turn"
          + " did; `ledger_away`: the records could not be read, so nothing was decided",
      Label.of("outcome", "ok", "partial", "died", "ledger_away")),
  LEADER(Type.GAUGE, "leader", "1 when this replica leads, else 0. The sum over all replicas is 1"),
  PLANS(Type.GAUGE, "plans", "Plans by phase", Label.of("phase", PlanPhase.class)),
  STEPS(
      Type.GAUGE,
      "steps",
      "Namespaces and mesh steps of plans by phase. Only the leader tells; of more than 50 plans"
          + " those that have not ended and then the newest are told by name, and the rest together"
          + " as `(others)`",
      Label.upTo("plan", Metric.NAMED_PLANS + 1, "name of a plan"),
      Label.of("phase", Phase.class)),
  LOCKED_UNHEALTHY(
      Type.GAUGE,
      "locked.unhealthy",
      "Steps that are LOCKED and do not do what they were locked for: clients with a proxy are"
          + " refused, or were and nobody knows whether they still are; pods without one serve; or an"
          + " exception is not in force. Only the leader tells",
      Label.lower("cause", LockedHealth.Cause.class)),
  GATES(
      Type.GAUGE,
      "gates",
      "Steps of running plans that wait for their lock, by the latest result of each gate",
      Label.lower("gate", Gate.class),
      Label.of("result", GateResult.Result.class)),
  EXCEPTIONS(
      Type.GAUGE,
      "exceptions",
      "Exceptions of plans that were started and not undone, by their last day; `expires_soon`:"
          + " within two weeks. Only the leader tells",
      Label.of("state", "valid", "expires_soon", "expired")),
  NAMESPACES(Type.GAUGE, "namespaces", "Namespaces by posture", Label.of("posture", Posture.class)),
  FACTS_AGE(
      Type.SECONDS,
      "facts.age",
      "For how long a kind of objects has not been known to be complete; `+Inf` until it was read"
          + " once. Plans hold on facts that are too old",
      Label.upTo("source", 40, "a kind of objects, or `sandbox`")),
  EVIDENCE_AGE(
      Type.SECONDS,
      "evidence.age",
      "Since the latest evidence that could be used; `+Inf` before the first. Prometheus is read"
          + " when somebody asks, such as a running plan; it is not there without"
          + " `mtls-migration.prometheus.url`",
      Label.of("evidence", "traffic", "shadows", "probes")),
  EVIDENCE_READINGS(
      Type.TIMER,
      "evidence.readings",
      "Readings of Prometheus for the whole mesh",
      Label.of("evidence", "traffic", "shadows"),
      Label.of("result", "ok", "failed")),
  PROMETHEUS_QUERIES(
      Type.TIMER,
      "prometheus.queries",
      "Queries to Prometheus, their repetitions included",
      Label.upTo("query", 40, "a file in `src/main/resources/promql`"),
      Label.of("result", "ok", "failed")),
  PROBES(
      Type.COUNTER, "probes", "Probes made, by outcome", Label.of("outcome", ProbeOutcome.class)),
  PROBE_ROUNDS(
      Type.TIMER,
      "probe.rounds",
      "Rounds of probes: by itself, or a `run` that somebody asked for",
      Label.of("kind", "round", "run")),
  PROBE_CELLS(
      Type.GAUGE,
      "probe.cells",
      "Cells of the connectivity matrix, by whether the latest probe ended as predicted",
      Label.of("result", "expected", "unexpected", "skipped")),
  POLICY_WRITES(
      Type.TIMER,
      "policy.writes",
      "Writes of PeerAuthentications, and dry runs of them, by what became of them",
      Label.of("operation", "write", "dry_run"),
      Label.lower("purpose", PolicyChange.Purpose.class),
      Label.of("result", "applied", "conflict", "owned_by_other", "refused", "unknown")),
  HOOK_CALLS(
      Type.COUNTER,
      "hook.calls",
      "Calls of webhooks of plans, by moment and result",
      Label.of("when", PlanSpec.Hook.When.class),
      Label.of("result", "accepted", "refused", "failed", "closed")),
  NOTICES(
      Type.COUNTER,
      "notices",
      "Notices by what became of them. `failed`: of an attempt, which is followed by another;"
          + " `given_up`: they became too old before one succeeded",
      Label.upTo("notice", Metric.RECEIVERS, "a name in `mtls-migration.notices`"),
      Label.lower("result", NoticeMeter.Outcome.class)),
  NOTICES_WAITING(
      Type.GAUGE,
      "notices.waiting",
      "Notices that are due and were not accepted yet. Only the leader tells",
      Label.upTo("notice", Metric.RECEIVERS, "a name in `mtls-migration.notices`")),
  WORK(
      Type.GAUGE,
      "work",
      "What is under way, and what waits for a turn. Wire checks, analyses and streams do not wait:"
          + " beyond their bound callers get a 429",
      Label.of("kind", "probes", "hooks", "wire_checks", "analyses", "event_streams"),
      Label.of("state", "running", "waiting"));

  /** The number of plans with series of their own; a constant, since the entries above need it. */
  static final int NAMED_PLANS = 50;

  /** The maximum number of receivers of notices; so many cursors fit into one object of etcd. */
  static final int RECEIVERS = 16;

  /** The type of a metric. */
  enum Type {
    COUNTER("counter", "_total", 1),
    GAUGE("gauge", "", 1),
    /** A gauge of a duration in seconds. */
    SECONDS("gauge", "_seconds", 1),
    /** The number, the total duration, and the recent maximum. */
    TIMER("summary", "_seconds", 3);

    private final String prometheus;
    private final String suffix;
    private final int series;

    Type(String prometheus, String suffix, int series) {
      this.prometheus = prometheus;
      this.suffix = suffix;
      this.series = series;
    }

    String prometheus() {
      return prometheus;
    }
  }

  /**
   * A label.
   *
   * @param values all possible values; empty where only their number is bounded
   * @param atMost the maximum number of values
   * @param what the meaning of the values; empty where they are self-explanatory
   */
  record Label(String name, List<String> values, int atMost, String what) {

    static Label of(String name, String... values) {
      return new Label(name, List.of(values), values.length, "");
    }

    static Label of(String name, Class<? extends Enum<?>> values) {
      return of(name, names(values));
    }

    static Label lower(String name, Class<? extends Enum<?>> values) {
      return of(
          name,
          Arrays.stream(names(values))
              .map(value -> value.toLowerCase(Locale.ROOT))
              .toArray(String[]::new));
    }

    static Label upTo(String name, int atMost, String what) {
      return new Label(name, List.of(), atMost, what);
    }

    private static String[] names(Class<? extends Enum<?>> values) {
      return Arrays.stream(values.getEnumConstants()).map(Enum::name).toArray(String[]::new);
    }

    boolean takes(String value) {
      return values.isEmpty() || values.contains(value);
    }
  }

  private static final String PREFIX = "mtls_migration.";

  private final Type type;
  private final String name;
  private final String meaning;

  @SuppressWarnings("ImmutableEnumChecker") // of List.of
  private final List<Label> labels;

  Metric(Type type, String name, String meaning, Label... labels) {
    this.type = type;
    this.name = PREFIX + name;
    this.meaning = meaning;
    this.labels = List.of(labels);
  }

  Type type() {
    return type;
  }

  String meaning() {
    return meaning;
  }

  List<Label> labels() {
    return labels;
  }

  /** Returns the name in Prometheus; of a timer, the prefix of its series. */
  String prometheusName() {
    return name.replace('.', '_') + type.suffix;
  }

  /** Returns the maximum number of series of one replica. */
  int atMost() {
    int series = type.series;
    for (Label label : labels) {
      series *= label.atMost();
    }
    return series;
  }

  /**
   * Returns a counter.
   *
   * @param values of the labels, in their order
   */
  Counter counter(MeterRegistry meters, String... values) {
    return Counter.builder(name).description(meaning).tags(tags(values)).register(meters);
  }

  Timer timer(MeterRegistry meters, String... values) {
    return Timer.builder(name).description(meaning).tags(tags(values)).register(meters);
  }

  /** Returns a gauge, which is evaluated at each scrape. It keeps its source alive. */
  <S> Gauge gauge(MeterRegistry meters, S source, ToDoubleFunction<S> value, String... values) {
    Gauge.Builder<S> gauge =
        Gauge.builder(name, source, value)
            .description(meaning)
            .tags(tags(values))
            .strongReference(true);
    return (type == Type.SECONDS ? gauge.baseUnit("seconds") : gauge).register(meters);
  }

  private List<Tag> tags(String... values) {
    if (values.length != labels.size()) {
      throw new IllegalArgumentException(
          name + " has " + labels.size() + " labels, not " + values.length);
    }
    List<Tag> tags = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      Label label = labels.get(i);
      if (!label.takes(values[i])) {
        throw new IllegalArgumentException(
            name + " has no " + label.name() + " called " + values[i]);
      }
      tags.add(Tag.of(label.name(), values[i]));
    }
    return tags;
  }
}
