// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import java.util.List;
import java.util.Map;

/**
 * Port: places and removes pods that only wait to be probed from, for places where no pod has what
 * a probe needs. Blocking. Touches only objects with the mark of this installation.
 */
public interface ProbeAgents {

  /** The labels of every agent's pod. */
  Map<String, String> LABELS =
      Map.of(
          "app.kubernetes.io/name", "mtls-migration-probe",
          "app.kubernetes.io/managed-by", "mtls-migration");

  /** The port where agents cannot be placed. */
  ProbeAgents NONE =
      new ProbeAgents() {
        @Override
        public List<Agent> list() {
          return List.of();
        }

        @Override
        public Answer place(Agent agent) {
          return new Answer.Failed("agents cannot be placed here");
        }

        @Override
        public Answer remove(Agent agent) {
          return new Answer.Done();
        }
      };

  /**
   * A client to place.
   *
   * @param plane how its traffic is captured: {@code SIDECAR}, {@code AMBIENT} or {@code NONE}
   */
  record Agent(String namespace, DataPlane plane) implements Comparable<Agent> {
    public Agent {
      if (plane == DataPlane.GATEWAY) {
        throw new IllegalArgumentException("an agent is no gateway");
      }
    }

    /** Returns the name of its Deployment. */
    public String deployment() {
      return plane == DataPlane.NONE ? "mtls-migration-probe-bare" : "mtls-migration-probe";
    }

    @Override
    public int compareTo(Agent other) {
      int c = namespace.compareTo(other.namespace);
      return c != 0 ? c : plane.compareTo(other.plane);
    }
  }

  /** The result of placing or removing an agent. Closed set. */
  sealed interface Answer {
    record Done() implements Answer {}

    /** Nothing has changed; the reason is for people. */
    record Failed(String reason) implements Answer {}
  }

  /**
   * Returns the agents that this installation has placed and not yet removed, by any of its
   * replicas.
   *
   * @throws UnavailableException when the agents cannot be listed now
   */
  List<Agent> list();

  /** Places an agent, or updates it. */
  Answer place(Agent agent);

  /** Removes an agent; succeeds also when it was not there. */
  Answer remove(Agent agent);

  /** Returns true for a pod with an agent's labels, which anybody may set. */
  static boolean looksLikeAgent(Pod pod) {
    return pod.labels().entrySet().containsAll(LABELS.entrySet());
  }

  /** The list of agents cannot be read. */
  final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnavailableException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
