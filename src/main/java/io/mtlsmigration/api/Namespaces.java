package io.mtlsmigration.api;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.view.EvidenceState;
import io.mtlsmigration.api.view.NamespaceView;
import io.mtlsmigration.api.view.Ref;
import io.mtlsmigration.hazard.Severity;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.mtls.NamespaceTally;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Shows namespaces, out of one observation. */
final class Namespaces {

  private final Observation observation;
  private final Standings standings;
  private final TrafficReading traffic;

  Namespaces(Observation observation, Standings standings) {
    this.observation = observation;
    this.standings = standings;
    this.traffic = TrafficWindows.widest(observation);
  }

  /**
   * The facts of a namespace.
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

  private static @Nullable Integer plaintextClients(Evidence<NamespaceTraffic> evidence) {
    return evidence instanceof Evidence.Measured<NamespaceTraffic> measured
        ? (int) measured.value().plaintext().stream().map(e -> e.client().id()).distinct().count()
        : null;
  }

  private Map<Severity, Integer> findings(String namespace) {
    Map<Severity, Integer> counts = new EnumMap<>(Severity.class);
    for (Severity severity : Severity.values()) {
      counts.put(severity, 0);
    }
    observation.findings(namespace).forEach(f -> counts.merge(f.severity(), 1, Integer::sum));
    return counts;
  }
}
