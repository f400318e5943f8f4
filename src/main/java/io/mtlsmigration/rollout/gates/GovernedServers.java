// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Servers of a namespace that STRICT would govern, and the plaintext that counts against it. */
public final class GovernedServers {

  private GovernedServers() {}

  /**
   * A server whose silence the gate wants.
   *
   * @param captured whether all of its pods have a proxy
   * @param listening whether it declares a port: one that does not may never have a sample
   */
  public record Server(boolean captured, boolean listening) {
    private Server and(Server other) {
      return new Server(captured && other.captured, listening || other.listening);
    }
  }

  /**
   * Returns them in the order of workloads, without those that exceptions leave open as a whole.
   */
  public static SortedMap<WorkloadRef, Server> of(
      NamespaceFacts facts, List<PolicyException> exceptions) {
    ExceptionCover cover = ExceptionCover.of(facts, exceptions);
    SortedMap<WorkloadRef, Server> servers = new TreeMap<>();
    for (Pod pod : facts.pods()) {
      if (!pod.terminated()
          && pod.dataPlane() != DataPlane.GATEWAY
          && serves(facts, pod)
          && !cover.covers(pod, 0)) {
        servers.merge(
            pod.workload(),
            new Server(pod.dataPlane().captured(), !pod.ports().isEmpty()),
            Server::and);
      }
    }
    return servers;
  }

  /** Returns whether a pod serves; with a proxy its declared ports may be called by address. */
  private static boolean serves(NamespaceFacts facts, Pod pod) {
    return facts.serves(pod) || (pod.dataPlane().captured() && !pod.ports().isEmpty());
  }

  /**
   * Returns whether plaintext to a server counts: gateways and agreed exceptions do not.
   *
   * @param port 0 = not known: only an exception for all ports covers it
   */
  public static boolean counts(
      NamespaceFacts facts, List<PolicyException> exceptions, WorkloadRef server, int port) {
    List<Pod> pods = ExceptionCover.servers(facts, server, port);
    // Clients of gateways are not mesh clients, and no policy of this service governs them.
    boolean gateway =
        !pods.isEmpty() && pods.stream().allMatch(pod -> pod.dataPlane() == DataPlane.GATEWAY);
    return !gateway && !ExceptionCover.of(facts, exceptions).covers(server, port);
  }

  /** Returns whether exceptions leave some port of the server open, and not all. */
  public static boolean partlyOpen(
      NamespaceFacts facts, List<PolicyException> exceptions, WorkloadRef server) {
    ExceptionCover cover = ExceptionCover.of(facts, exceptions);
    return cover.touches(server, 0) && !cover.covers(server, 0);
  }

  /** Returns the captured pods that an exception names. */
  public static List<Pod> of(NamespaceFacts facts, PolicyException exception) {
    return facts.pods().stream()
        .filter(pod -> !pod.terminated() && pod.dataPlane().captured())
        .filter(pod -> LabelSelector.containsAll(pod.labels(), exception.selector()))
        .toList();
  }

  /** Returns those of them that refuse plaintext at its port; at any one, where it names none. */
  public static List<Pod> refusing(NamespaceModes modes, PolicyException exception) {
    return of(modes.facts(), exception).stream()
        .filter(pod -> refuses(modes.of(pod), exception.port()))
        .toList();
  }

  private static boolean refuses(EffectiveMode mode, @Nullable Integer port) {
    return port == null
        ? mode.mode() == MtlsMode.STRICT || mode.ports().containsValue(MtlsMode.STRICT)
        : mode.of(port) == MtlsMode.STRICT;
  }
}
