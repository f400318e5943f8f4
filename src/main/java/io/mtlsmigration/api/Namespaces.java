// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.input.Sorting;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.view.EvidenceState;
import io.mtlsmigration.api.view.NamespaceSort;
import io.mtlsmigration.api.view.NamespaceView;
import io.mtlsmigration.api.view.Ref;
import io.mtlsmigration.hazard.Severity;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.mtls.NamespaceTally;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Views of namespaces in one observation. */
final class Namespaces {

  /** The window of traffic when the caller names none. */
  static final Duration SHOWN = Duration.ofHours(24);

  private static final List<Posture> LEAST_PROTECTED =
      List.of(
          Posture.UNCAPTURED, Posture.DISABLED, Posture.PERMISSIVE, Posture.MIXED, Posture.STRICT);

  private final Observation observation;
  private final NamespacePlans standings;
  private final TrafficReading traffic;

  Namespaces(Observation observation, NamespacePlans standings) {
    this.observation = observation;
    this.standings = standings;
    this.traffic = observation.traffic(SHOWN);
  }

  /**
   * Returns the facts of a namespace.
   *
   * @throws ApiException 404 when there is none of that name
   */
  static NamespaceFacts required(Observation observation, String name) {
    NamespaceFacts facts = observation.modes().snapshot().namespace(name);
    if (facts == null) {
      throw ApiException.notFound("namespace " + name);
    }
    return facts;
  }

  /**
   * Returns the mode that a parameter names.
   *
   * @throws ApiException 400 for UNSET, which is in force nowhere
   */
  static @Nullable MtlsMode inForce(@Nullable MtlsMode asked) {
    if (asked == MtlsMode.UNSET) {
      throw ApiException.parameter("mode", "Expected is one of DISABLE, PERMISSIVE, STRICT");
    }
    return asked;
  }

  NamespaceView view(NamespaceFacts facts) {
    NamespaceModes modes = observation.modes().namespace(facts.name());
    ObjectRef decidedBy = modes.mode().decidedBy();
    NamespaceTally tally = modes.tally();
    Evidence<NamespaceTraffic> evidence = traffic.of(facts.name());
    return new NamespaceView(
        facts.name(),
        tally.posture(),
        modes.mode().mode(),
        decidedBy == null ? null : Ref.of(decidedBy),
        new TreeMap<>(facts.labels()),
        tally.workloads(),
        tally.capturedWorkloads(),
        tally.pods(),
        tally.capturedPods(),
        plaintextClients(evidence),
        EvidenceState.of(evidence),
        findings(facts.name()),
        standings.phase(facts.name()),
        standings.plan(facts.name()));
  }

  /** Returns the sort value of a namespace, computing no more than that. */
  @Nullable String value(NamespaceFacts facts, NamespaceSort field) {
    NamespaceTally tally = observation.modes().namespace(facts.name()).tally();
    return switch (field) {
      case NAME -> facts.name();
      case POSTURE -> Sorting.place(tally.posture(), LEAST_PROTECTED);
      case WORKLOADS -> Sorting.number(tally.workloads());
      case CAPTURED -> Sorting.number(tally.capturedWorkloads());
      case PODS -> Sorting.number(tally.pods());
      case CAPTURED_PODS -> Sorting.number(tally.capturedPods());
      case PLAINTEXT_CLIENTS -> {
        Integer clients = plaintextClients(traffic.of(facts.name()));
        yield clients == null ? null : Sorting.number(clients);
      }
      case FINDINGS ->
          findings(facts.name()).values().stream()
              .map(Sorting::number)
              .collect(Collectors.joining());
      case PHASE -> Sorting.place(standings.phase(facts.name()), List.of(Phase.values()));
    };
  }

  private static @Nullable Integer plaintextClients(Evidence<NamespaceTraffic> evidence) {
    return evidence instanceof Evidence.Measured<NamespaceTraffic> measured
        ? (int) measured.value().plaintext().stream().map(e -> e.client().id()).distinct().count()
        : null;
  }

  /** Returns the number of findings by severity, the worst first. */
  private Map<Severity, Integer> findings(String namespace) {
    Map<Severity, Integer> counts = new EnumMap<>(Severity.class);
    for (Severity severity : Severity.values()) {
      counts.put(severity, 0);
    }
    observation.findings(namespace).forEach(f -> counts.merge(f.severity(), 1, Integer::sum));
    return counts;
  }
}
