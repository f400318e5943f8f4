package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import java.util.List;
import java.util.Map;

/**
 * Port: places pods that do nothing but wait to be probed from, where no pod has what a probe
 * needs, and takes them away. Blocking. Touches only what carries the mark of this installation.
 */
public interface ProbeAgents {

  /** Labels of every agent's pod. */
  Map<String, String> LABELS =
      Map.of(
          "app.kubernetes.io/name", "mtls-migration-probe",
          "app.kubernetes.io/managed-by", "mtls-migration");

  /** For where agents cannot be placed. */
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

    /** The name of the Deployment that it is. */
    public String deployment() {
      return plane == DataPlane.NONE ? "mtls-migration-probe-bare" : "mtls-migration-probe";
    }

    @Override
    public int compareTo(Agent other) {
      int c = namespace.compareTo(other.namespace);
      return c != 0 ? c : plane.compareTo(other.plane);
    }
  }

  /** Closed set. */
  sealed interface Answer {
    record Done() implements Answer {}

    /** Nothing has changed; the reason is for people. */
    record Failed(String reason) implements Answer {}
  }

  /**
   * What this installation has placed and not yet removed, whoever of its replicas did.
   *
   * @throws UnavailableException when that cannot be known now
   */
  List<Agent> list();

  /** Places it, or brings what was placed up to date. */
  Answer place(Agent agent);

  /** Removes it; done also when it was not there. */
  Answer remove(Agent agent);

  /** True for a pod with an agent's labels, which anybody may give to one. */
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
