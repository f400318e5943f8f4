// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.EvidenceState;
import io.mtlsmigration.api.view.ImpactView;
import io.mtlsmigration.api.view.MeshView;
import io.mtlsmigration.api.view.Ref;
import io.mtlsmigration.api.view.ServiceView;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.MeshTally;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.OwningPlan;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The mesh as a whole. */
@Path("/api/v1/mesh")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Mesh")
public final class MeshResource {

  private final Observations observations;
  private final RolloutLedger ledger;
  private final Impacts impacts;
  private final ServiceView service;
  private final Clock clock;

  private volatile @Nullable Seen seen;

  /** The plaintext of one reading, and the observation that it was read for. */
  private record Seen(Observation of, TrafficReading traffic, MeshView.Plaintext plaintext) {

    /** Returns whether it serves another observation: it is shared no longer than one is. */
    @SuppressWarnings("ReferenceEquality") // the same object = nothing changed
    boolean serves(Observation other, Instant now) {
      Duration age = Duration.between(of.now(), now);
      return of == other
          || (of.modes().sharesNames(other.modes())
              && !age.isNegative()
              && age.compareTo(Observation.SHARED_FOR) <= 0);
    }
  }

  MeshResource(
      Observations observations,
      RolloutLedger ledger,
      Impacts impacts,
      ServiceView service,
      Clock clock) {
    this.observations = observations;
    this.ledger = ledger;
    this.impacts = impacts;
    this.service = service;
    this.clock = clock;
  }

  @GET
  @Needs(Verb.LIST)
  @Operation(
      operationId = "getMesh",
      summary = "The mesh at a glance",
      description =
          "Mesh-wide mode and the policy that decides it, counts by posture, data plane and phase,"
              + " who still sends plaintext, and how fresh the facts are.")
  public MeshView mesh() {
    Observation observation = observations.latest();
    MeshModes modes = observation.modes();
    MeshSnapshot snapshot = modes.snapshot();
    Seen known = seen;
    if (known == null || !known.serves(observation, clock.instant())) {
      TrafficReading traffic = observation.traffic(Namespaces.SHOWN);
      known = new Seen(observation, traffic, plaintext(snapshot, traffic));
      seen = known;
    }
    return new MeshView(
        snapshot.settings().rootNamespace(),
        modes.mesh().mode(),
        Ref.ofNullable(modes.mesh().decidedBy()),
        snapshot.settings().autoMtls(),
        snapshot.settings().trustDomain(),
        counts(modes),
        known.plaintext,
        snapshot.observedAt(),
        sources(observation, known.traffic, known.plaintext, ledger.faults()),
        service);
  }

  /**
   * Returns the facts' own sources, followed by the service's measurements, probes and traffic, and
   * by its records, where some cannot be read.
   */
  private static List<MeshView.Source> sources(
      Observation observation,
      TrafficReading traffic,
      MeshView.Plaintext plaintext,
      List<String> unreadable) {
    List<MeshView.Source> sources = new ArrayList<>();
    MeshSnapshot snapshot = observation.modes().snapshot();
    snapshot
        .sources()
        .forEach(s -> sources.add(new MeshView.Source(s.source(), s.asOf(), s.problem())));
    Instant probed = observation.matrix().asOf();
    boolean none = probed.equals(Instant.EPOCH);
    sources.add(
        new MeshView.Source(
            "probes", none ? null : probed, none ? "no round of probes has ended yet" : ""));
    int silent = plaintext.byEvidence().getOrDefault(EvidenceState.UNAVAILABLE, 0);
    sources.add(
        new MeshView.Source(
            "traffic",
            silent == snapshot.namespaces().size() ? null : traffic.asOf(),
            silent == 0 ? "" : "no evidence for " + Words.counted(silent, "namespace")));
    if (!unreadable.isEmpty()) {
      sources.add(
          new MeshView.Source(
              "records",
              snapshot.observedAt(),
              "plans are held, for what is recorded of them cannot be read: "
                  + Words.list(unreadable)));
    }
    return sources;
  }

  @GET
  @Path("/impact")
  @Needs(Verb.LIST)
  @Operation(
      operationId = "getMeshImpact",
      summary = "What-if: STRICT for the whole mesh",
      description =
          "Every known client to port with its outcome now and after the mesh step of the active"
              + " plan (else of the defaults), the exact objects that would be written, and the"
              + " hash that an approval of the mesh step refers to.")
  public ImpactView impact(@BeanParam Impacts.Filter filter, @BeanParam PageQuery page) {
    return impacts.mesh(filter, page.paging());
  }

  private MeshView.Counts counts(MeshModes modes) {
    MeshTally tally = modes.tally();
    return new MeshView.Counts(
        modes.snapshot().namespaces().size(),
        tally.workloads(),
        tally.pods(),
        tally.namespaces(),
        tally.byDataPlane(),
        new TreeMap<>(OwningPlan.byPhase(ledger)));
  }

  private static MeshView.Plaintext plaintext(MeshSnapshot snapshot, TrafficReading reading) {
    Set<String> clients = new HashSet<>();
    Map<EvidenceState, Integer> states = new EnumMap<>(EvidenceState.class);
    int namespaces = 0;
    for (String name : snapshot.namespaces().keySet()) {
      Evidence<NamespaceTraffic> evidence = reading.of(name);
      states.merge(EvidenceState.of(evidence), 1, Integer::sum);
      if (evidence instanceof Evidence.Measured<NamespaceTraffic> measured
          && !measured.value().plaintext().isEmpty()) {
        namespaces++;
        measured.value().plaintext().forEach(edge -> clients.add(edge.client().id()));
      }
    }
    return new MeshView.Plaintext(reading.window(), clients.size(), namespaces, states);
  }
}
