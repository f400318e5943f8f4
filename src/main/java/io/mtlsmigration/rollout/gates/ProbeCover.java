// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.rollout.Words;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a namespace that a PeerAuthentication governs, grouped by their probes. Every
 * ready endpoint behind every Service port counts, whether it was ever probed or not: nothing is
 * known of an endpoint that no probe has reached.
 *
 * @param reached endpoints reached by a probe that counts
 * @param missing endpoints that a probe could reach, and none that counts has
 * @param awaited endpoints that were not there, or not ready, when a probe that counts reached
 *     others of their port; the next round probes them
 * @param leftOut endpoints that are never probed, or whose probes cannot tell whether they are
 *     reached, each with the reason
 */
public record ProbeCover(
    List<Endpoint> reached, List<Endpoint> missing, List<Endpoint> awaited, List<String> leftOut) {

  /** One endpoint behind one Service port. */
  public record Endpoint(Service service, ServicePort port, Backend backend) {

    public String to() {
      return service.id(port);
    }

    public boolean isOf(Cell cell) {
      Pod pod = backend.pod();
      return cell.anyEndpoint()
          || (pod != null
              && pod.name().equals(cell.serverPod())
              && cell.endpoint().endsWith(":" + backend.targetPort()));
    }

    private boolean mayBeReachedBy(Cell cell) {
      Pod pod = backend.pod();
      return pod != null && cell.mayHaveReached(pod);
    }

    /** Returns whether the endpoint is so young that no round of probes may have reached it. */
    public boolean cameAfter(Instant time) {
      Pod pod = backend.pod();
      return service.createdAt().isAfter(time) || (pod != null && pod.createdAt().isAfter(time));
    }

    @Override
    public String toString() {
      return to() + " at " + backend.ip() + ":" + backend.targetPort();
    }
  }

  /**
   * Groups the endpoints of a namespace.
   *
   * @param counts selects the cells that count, of those that got through
   */
  public static ProbeCover of(GateContext context, NamespaceFacts facts, Predicate<Cell> counts) {
    Map<String, List<Cell>> byPort = new HashMap<>();
    for (Cell cell : context.cells().of(facts.name())) {
      byPort.computeIfAbsent(cell.to(), to -> new ArrayList<>()).add(cell);
    }
    Reachability reachability = Reachability.of(context.observation().modes());
    ProbeCover cover =
        new ProbeCover(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (Service service : facts.services()) {
      for (ServicePort port : service.ports()) {
        for (Backend backend : reachability.backends(service, port)) {
          if (backend.ready() && governed(backend)) {
            Endpoint endpoint = new Endpoint(service, port, backend);
            cover.sort(
                endpoint, byPort.getOrDefault(endpoint.to(), List.of()), context.cells(), counts);
          }
        }
      }
    }
    return cover;
  }

  private void sort(Endpoint endpoint, List<Cell> cells, CellIndex matrix, Predicate<Cell> counts) {
    if (!endpoint.port().protocol().equals("TCP")) {
      leftOut.add(endpoint + ": its protocol is not probed");
      return;
    }
    boolean probed = false;
    boolean othersReached = false;
    @Nullable String never = null;
    for (Cell cell : cells) {
      if (endpoint.isOf(cell)) {
        if (cell.reaches() && counts.test(cell)) {
          if (endpoint.mayBeReachedBy(cell)) {
            reached.add(endpoint);
            return;
          }
          othersReached = true;
        }
        boolean untold = cell.neverMade() || cell.closed();
        probed |= cell.meshClient() && !untold;
        never = cell.meshClient() && untold ? cell.detail() : never;
      }
    }
    if (matrix.leavesOut(endpoint.toString())) {
      leftOut.add(endpoint + ": no container declares the port");
    } else if (!probed && never != null) {
      leftOut.add(endpoint + ": " + never);
    } else if (othersReached) {
      awaited.add(endpoint);
    } else {
      missing.add(endpoint);
    }
  }

  /**
   * Returns the same without endpoints that miss a probe, and of which one of these cells tells.
   */
  ProbeCover without(List<Cell> told) {
    return new ProbeCover(
        reached,
        missing.stream()
            .filter(
                endpoint ->
                    told.stream()
                        .noneMatch(cell -> cell.to().equals(endpoint.to()) && endpoint.isOf(cell)))
            .toList(),
        awaited,
        leftOut);
  }

  private static boolean governed(Backend backend) {
    Pod pod = backend.pod();
    return pod != null && pod.governed(backend.targetPort());
  }

  /** Returns true when there is an endpoint that a probe could reach. */
  public boolean any() {
    return !reached.isEmpty() || !missing.isEmpty() || !awaited.isEmpty();
  }

  public static String words(List<Endpoint> endpoints) {
    return Words.list(endpoints.stream().map(Endpoint::toString).toList());
  }

  public String missingWords() {
    return words(missing);
  }
}
