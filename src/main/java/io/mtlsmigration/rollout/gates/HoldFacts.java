// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.PortSpeech;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.ServerWatch;
import io.mtlsmigration.traffic.Edge;
import java.util.ArrayList;
import java.util.List;

/**
 * The facts behind a gate that does not pass, including those that the gate does not mention while
 * a worse one holds it, because they would show up next. For one answer.
 */
public final class HoldFacts {

  private final PlaintextCheck plaintext = new PlaintextCheck();

  /** Adds the facts behind a gate; the gate itself where no better fact is known. */
  public void of(GateContext context, GateResult result, List<Hold> into) {
    int before = into.size();
    switch (result.gate()) {
      case CAPTURE -> {
        for (Pod pod : CaptureCheck.pods(context)) {
          into.add(new Hold.Uncaptured(pod));
        }
      }
      case HAZARDS -> hazards(context, into);
      case PLAINTEXT -> plaintext(context, into);
      case SYNC -> {
        for (Obstacle obstacle : context.writes().obstacles()) {
          if (SyncCheck.stands(context, obstacle) && !told(obstacle, into)) {
            into.add(new Hold.Policy(obstacle));
          }
        }
      }
      case PROBES -> probes(context, result, into);
      case AUDIT, SOAK, WINDOW, HOOKS, APPROVAL -> {
        // reported by the gate alone
      }
    }
    boolean said = into.size() > before || (result.gate() == Gate.SYNC && hazard(into));
    if (!said || result.reason() == Reason.STALE_OBSERVATION) {
      into.add(new Hold.Judged(result));
    }
  }

  private static void hazards(GateContext context, List<Hold> into) {
    List<Finding> found = HazardCheck.holding(context);
    for (Finding finding : found) {
      into.add(new Hold.Hazard(finding));
    }
    if (found.isEmpty()) {
      for (Unreadable object : HazardCheck.unread(context)) {
        into.add(new Hold.Unread(object));
      }
    }
  }

  /** Returns whether the obstacle is known already: such policies are hazards of their own. */
  private static boolean told(Obstacle obstacle, List<Hold> known) {
    boolean both =
        obstacle.kind() == Obstacle.Kind.UNREADABLE_POLICY
            || obstacle.kind() == Obstacle.Kind.WEAKER_WORKLOAD_POLICY;
    return both && hazard(known);
  }

  private static boolean hazard(List<Hold> known) {
    return known.stream()
        .anyMatch(hold -> hold instanceof Hold.Hazard || hold instanceof Hold.Unread);
  }

  /** Adds the ports that failed for want of a name; the gate beside them for other failures. */
  private static void probes(GateContext context, GateResult result, List<Hold> into) {
    List<Hold> guessed = new ArrayList<>();
    List<Cell> failing = ProbeCheck.failing(context);
    for (Cell cell : failing) {
      NamespaceFacts server =
          context.observation().modes().snapshot().namespace(cell.serverNamespace());
      if (server != null && cell.unanswered()) {
        for (Service service : server.services()) {
          for (ServicePort port : service.ports()) {
            if (cell.to().equals(service.id(port)) && PortSpeech.guessed(port)) {
              guessed.add(new Hold.GuessedPort(service.ref(), port.port(), ProbeCheck.words(cell)));
            }
          }
        }
      }
    }
    into.addAll(guessed);
    if (!guessed.isEmpty() && guessed.size() < failing.size()) {
      into.add(new Hold.Judged(result));
    }
  }

  private void plaintext(GateContext context, List<Hold> into) {
    for (Edge edge : PlaintextCheck.seen(context)) {
      into.add(new Hold.Plaintext(edge));
    }
    for (ServerWatch server : PlaintextCheck.servers(context)) {
      if (server.reason() == Reason.PODS_UNCAPTURED) {
        for (Pod pod : context.facts().pods()) {
          if (!pod.terminated()
              && pod.dataPlane() == DataPlane.NONE
              && pod.workload().equals(server.workload())) {
            into.add(new Hold.Uncaptured(pod));
          }
        }
      } else if (!server.holds() && !TimedReasons.has(server.reason())) {
        into.add(
            new Hold.Judged(plaintext.inconclusive(context, server.reason(), server.toString())));
      }
    }
    GateResult rare = plaintext.rare(context);
    if (rare != null && !into.isEmpty()) {
      into.add(new Hold.Judged(rare));
    }
  }
}
