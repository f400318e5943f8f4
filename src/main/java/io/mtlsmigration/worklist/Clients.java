// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Injection;
import io.mtlsmigration.mesh.Injectors;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.traffic.Edge;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the remedy for a client that was seen to send plaintext. For one answer. */
final class Clients {

  /** The time for which pods from before a restart may still call, as servers report late. */
  private static final Duration ENDING = Duration.ofMinutes(2);

  private final Observation observation;
  private final MeshSnapshot snapshot;
  private final Map<WorkloadRef, Optional<Client>> known = new HashMap<>();

  Clients(Observation observation) {
    this.observation = observation;
    this.snapshot = observation.modes().snapshot();
  }

  /**
   * A client that exists now, or a job that will.
   *
   * @param pod a pod without a proxy, if there is one
   * @param captured whether each of its pods has a proxy
   * @param since creation time of the oldest of them
   */
  private record Client(ObjectRef ref, @Nullable Pod pod, boolean captured, Instant since) {}

  /** Returns the cause; empty when it has been resolved since. */
  Optional<Cause> of(Edge edge) {
    WorkloadRef workload = edge.client().workload();
    if (workload == null) {
      return Optional.of(nameless(edge));
    }
    Client client = known.computeIfAbsent(workload, this::look).orElse(null);
    if (client == null) {
      return Optional.of(
          Cause.of(
              ItemKind.IDENTIFY_CLIENT,
              workload.ref(),
              "Plaintext was seen from " + workload + ", and no pod of it is there now.",
              "Find out whether it comes back; the window forgets it if it does not."));
    }
    if (!client.captured()) {
      return Optional.of(without(edge, client));
    }
    boolean mended = !edge.lastSeen().isAfter(client.since().plus(ENDING));
    return mended ? Optional.empty() : Optional.of(captured(edge, client));
  }

  private Cause nameless(Edge edge) {
    boolean outside =
        switch (edge.client().origin().kind()) {
          case NODE, SERVICE, OUTSIDE -> true;
          case WORKLOAD, GONE, UNKNOWN -> false;
        };
    return outside
        ? exception(edge, "Plaintext comes from outside of the mesh, or from a node.")
        : Cause.of(
                ItemKind.IDENTIFY_CLIENT,
                edge.server().ref(),
                "Plaintext was seen, and nobody knows from whom.",
                "Turn on the access log of " + edge.server() + ", which names its callers.")
            .atPort(edge.port());
  }

  private static Cause exception(Edge edge, String why) {
    return Cause.of(
            ItemKind.GIVE_EXCEPTION,
            edge.server().ref(),
            why + " Such a client can have no proxy.",
            "Lead it through a gateway of the mesh, or keep the port open by an exception.")
        .atPort(edge.port());
  }

  private Cause without(Edge edge, Client client) {
    Pod pod = client.pod();
    NamespaceFacts own = snapshot.namespace(client.ref().namespace());
    boolean hostNetwork = pod != null && pod.hostNetwork();
    if (hostNetwork || own == null || !Remedies.injectable(own, pod)) {
      return exception(
          edge,
          client.ref()
              + (hostNetwork
                  ? " is on the node's network and sends plaintext."
                  : " is where nothing is injected, and sends plaintext."));
    }
    if (scrapes(edge)) {
      return scraped(edge);
    }
    boolean asked = pod != null && asked(observation.modes(), pod);
    return Cause.of(
        asked ? ItemKind.RESTART_POD : ItemKind.INJECT_CLIENT,
        client.ref(),
        client.ref() + " has no proxy: what it sends is plaintext, and STRICT refuses it.",
        Remedies.injection(asked));
  }

  private Cause captured(Edge edge, Client client) {
    ObjectRef rule = rule(edge, client.ref());
    if (rule != null) {
      return Cause.of(
          ItemKind.FIX_DESTINATION_RULE,
          rule,
          rule + " keeps its clients from sending mutual TLS; STRICT refuses them.",
          "Remove tls from " + rule + ", or set ISTIO_MUTUAL.");
    }
    return scrapes(edge)
        ? scraped(edge)
        : Cause.of(
            ItemKind.FIX_CLIENT,
            client.ref(),
            client.ref()
                + " has a proxy, and sends plaintext past it: to a pod's address, to a port that is"
                + " excluded from capture, or before its proxy is up.",
            "See what it calls, and have it call the Service.");
  }

  /** Returns the DestinationRule by which the client sends plaintext there; null without one. */
  private @Nullable ObjectRef rule(Edge edge, ObjectRef client) {
    NamespaceFacts servers = snapshot.namespace(edge.server().namespace());
    Pod from = pods(WorkloadRef.of(client)).stream().findFirst().orElse(null);
    if (servers == null || from == null) {
      return null;
    }
    Reachability reachability = observation.modes().reachability();
    for (Service service : servers.services()) {
      for (ServicePort port : service.ports()) {
        for (Backend backend : reachability.backends(service, port)) {
          Pod pod = backend.pod();
          if (pod == null
              || !pod.workload().equals(edge.server())
              || (edge.port() != 0 && edge.port() != backend.targetPort())) {
            continue;
          }
          Prediction prediction = reachability.predict(from, service, port, backend);
          if (prediction.clientTls() != ClientTls.ISTIO_MUTUAL) {
            for (ObjectRef ref : prediction.decidedBy()) {
              if (ref.kind().equals("DestinationRule")) {
                return ref;
              }
            }
          }
        }
      }
    }
    return null;
  }

  /** Returns whether the client is Prometheus, by its name, at a port that it scrapes. */
  private boolean scrapes(Edge edge) {
    return edge.client().id().contains("prometheus")
        && observation.findings(edge.server().namespace()).stream()
            .anyMatch(
                finding ->
                    finding.code() == HazardCode.METRICS_SCRAPED_FROM_APPLICATION
                        && finding.port() == edge.port()
                        && finding.subject().equals(edge.server().ref()));
  }

  private static Cause scraped(Edge edge) {
    return Cause.of(
            ItemKind.MOVE_SCRAPE_PORT,
            edge.server().ref(),
            "Prometheus scrapes a port of the application, in plaintext.",
            "Let the sidecar merge the metrics, or keep the port open by an exception.")
        .atPort(edge.port());
  }

  private Optional<Client> look(WorkloadRef workload) {
    List<Pod> pods = pods(workload);
    if (pods.isEmpty()) {
      return job(workload);
    }
    Pod bare =
        pods.stream().filter(pod -> pod.dataPlane() == DataPlane.NONE).findFirst().orElse(null);
    Instant oldest =
        pods.stream().map(Pod::createdAt).min(Instant::compareTo).orElse(Instant.EPOCH);
    return Optional.of(new Client(pods.getFirst().workload().ref(), bare, bare == null, oldest));
  }

  /** Returns the client of a job: between two runs a CronJob has no pod. */
  private Optional<Client> job(WorkloadRef workload) {
    NamespaceFacts own = snapshot.namespace(workload.namespace());
    return own == null
        ? Optional.empty()
        : own.others(JobTemplate.class).stream()
            .filter(template -> template.ref().name().equals(workload.name()))
            .findFirst()
            .map(
                template ->
                    new Client(
                        template.ref(),
                        null,
                        template.captured(labels(observation.modes(), own, template.labels())),
                        observation.now()));
  }

  /** Returns pods by name, because sources of evidence do not always know the kind. */
  private List<Pod> pods(WorkloadRef workload) {
    NamespaceFacts own = snapshot.namespace(workload.namespace());
    return own == null
        ? List.of()
        : own.pods().stream()
            .filter(pod -> !pod.terminated() && pod.workload().name().equals(workload.name()))
            .toList();
  }

  private static Map<String, String> labels(
      MeshModes modes, NamespaceFacts namespace, Map<String, String> pod) {
    return modes.made(Injectors.class, Injectors::of).labels(namespace, pod);
  }

  /** Returns whether a restart would give the pod a proxy. */
  static boolean asked(MeshModes modes, Pod pod) {
    NamespaceFacts own = modes.snapshot().namespace(pod.namespace());
    return own != null
        && Injection.dataPlane(
                own.name(),
                labels(modes, own, pod.labels()),
                pod.labels(),
                pod.annotations(),
                pod.hostNetwork())
            .captured();
  }
}
