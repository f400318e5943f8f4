// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.ServerTelemetry;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.plan.PlanReport;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.SilentClients;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.HistoryLimit;
import io.mtlsmigration.traffic.LimitKind;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.WindowStudy;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells when clients called namespaces, by the history that the source of evidence has. It
 * remembers what was read last: a preview of a plan with many namespaces warns of what is known,
 * and asks nobody.
 */
@Singleton
final class CallWindows {

  static final Duration USUAL = Duration.ofDays(30);
  static final Duration LONGEST = Duration.ofDays(90);

  private static final int MAX_KNOWN = 256;

  /** Namespaces that a warning names; it tells the number of others. */
  private static final int NAMED = 5;

  private final CallHistory history;
  private final Observations observations;
  private final Clock clock;

  /** How old a study may be of which is warned, and after how long it is made anew. */
  private static final Duration WARNS_FOR = Duration.ofDays(1);

  private static final Duration RENEWED_AFTER = Duration.ofHours(6);

  private final Map<String, Known> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
          return size() > MAX_KNOWN;
        }
      };

  CallWindows(CallHistory history, Observations observations, Clock clock) {
    this.history = history;
    this.observations = observations;
    this.clock = clock;
  }

  private record Known(Instant asOf, WindowStudy study) {}

  /** Whole hours of a history; the last one may still run. */
  record Range(Instant from, int hours) {
    static Range of(Instant now, Duration length) {
      int hours = (int) Math.ceilDiv(length.toSeconds(), CallHistory.STEP.toSeconds());
      Instant end = now.truncatedTo(ChronoUnit.HOURS).plus(CallHistory.STEP);
      return new Range(end.minus(CallHistory.STEP.multipliedBy(hours)), hours);
    }

    Instant until() {
      return from.plus(CallHistory.STEP.multipliedBy(hours));
    }
  }

  Range range(Duration length) {
    return Range.of(clock.instant(), length);
  }

  /** What the history of an existing namespace says; waits for a few seconds at most. */
  Evidence<WindowStudy> study(String namespace, Range range) {
    return study(namespace, range, history.read(namespace, range.from(), range.hours()));
  }

  private Evidence<WindowStudy> study(
      String namespace, Range range, Evidence<PlaintextCalls> told) {
    Observation observation = observations.latest();
    return switch (told) {
      case Evidence.Measured<PlaintextCalls>(var calls, var asOf) -> {
        NamespaceFacts facts = Namespaces.required(observation, namespace);
        WindowStudy study =
            WindowStudy.of(
                calls.to(servers(facts)), clock.instant(), strict(observation, namespace));
        SortedMap<WorkloadRef, ObjectRef> hidden =
            new ServerTelemetry(observation.modes().snapshot())
                .hidden(
                    facts,
                    server -> calls.rows().stream().anyMatch(row -> row.server().equals(server)));
        if (!hidden.isEmpty()) {
          study = study.with(new HistoryLimit(LimitKind.HOLES, PastSubjects.hidden(hidden)));
        }
        if (range.equals(range(USUAL))) {
          synchronized (known) {
            known.put(namespace, new Known(asOf, study.silences()));
            known.values().removeIf(old -> !young(old, WARNS_FOR));
          }
        }
        yield new Evidence.Measured<>(study, asOf);
      }
      case Evidence.NoSamples<PlaintextCalls>(var asOf, var detail) ->
          new Evidence.NoSamples<>(asOf, detail);
      case Evidence.Unavailable<PlaintextCalls>(var reason, var detail) ->
          new Evidence.Unavailable<>(reason, detail);
    };
  }

  /**
   * Whom a plan's window would have locked out of a namespace, in words; by what is remembered. A
   * study that is missing or hours old is made in the background, for who asks next. If there is
   * none, that is said: nobody is warned of a silence that nobody has looked for.
   */
  List<String> warnings(String namespace, PlanSpec spec) {
    String missing = "";
    if (known(namespace, RENEWED_AFTER) == null) {
      Range range = range(USUAL);
      var told = study(namespace, range, history.lately(namespace, range.from(), range.hours()));
      missing =
          switch (told) {
            case Evidence.Measured<WindowStudy> measured -> "";
            case Evidence.NoSamples<WindowStudy>(var asOf, var detail) -> " (" + detail + ")";
            case Evidence.Unavailable<WindowStudy>(var reason, var detail) -> " (" + detail + ")";
          };
    }
    WindowStudy study = known(namespace, WARNS_FOR);
    return study == null
        ? List.of(unread(List.of(namespace), missing, spec))
        : SilentClients.warnings(namespace, study, spec);
  }

  /** The same of all namespaces of a plan; asks nobody. */
  List<String> known(PlanSpec spec, PlanReport report) {
    List<String> warnings = new ArrayList<>();
    List<String> unread = new ArrayList<>();
    report.waves().stream()
        .flatMap(wave -> wave.namespaces().stream())
        .sorted()
        .forEach(
            namespace -> {
              WindowStudy study = known(namespace, WARNS_FOR);
              if (study == null) {
                unread.add(namespace);
              } else {
                warnings.addAll(SilentClients.warnings(namespace, study, spec));
              }
            });
    if (!unread.isEmpty()) {
      warnings.add(unread(unread, " (asking for the window of a namespace reads it)", spec));
    }
    return warnings;
  }

  private static String unread(List<String> namespaces, String more, PlanSpec spec) {
    int rest = namespaces.size() - NAMED;
    return "This replica has not read the history of %s%s within a day%s: whether a client is silent for longer than the plaintext window of %s is not known"
        .formatted(
            String.join(", ", namespaces.subList(0, Math.min(NAMED, namespaces.size()))),
            rest > 0 ? " and " + rest + " more" : "",
            more,
            spec.gates().plaintextWindow());
  }

  private @Nullable WindowStudy known(String namespace, Duration age) {
    synchronized (known) {
      Known last = known.get(namespace);
      return last != null && young(last, age) ? last.study() : null;
    }
  }

  private boolean young(Known one, Duration age) {
    return one.asOf().plus(age).isAfter(clock.instant());
  }

  /** Clients of gateways are no mesh clients; a server that is gone may have been any. */
  private static Predicate<WorkloadRef> servers(NamespaceFacts facts) {
    Set<WorkloadRef> gateways = new HashSet<>();
    Set<WorkloadRef> governed = new HashSet<>();
    for (Pod pod : facts.pods()) {
      if (!pod.terminated()) {
        (pod.dataPlane() == DataPlane.GATEWAY ? gateways : governed).add(pod.workload());
      }
    }
    gateways.removeAll(governed);
    return server -> !gateways.contains(server);
  }

  private static boolean strict(Observation observation, String namespace) {
    return observation
        .modes()
        .namespace(namespace)
        .tally()
        .workloadsByPosture()
        .containsKey(Posture.STRICT);
  }
}
