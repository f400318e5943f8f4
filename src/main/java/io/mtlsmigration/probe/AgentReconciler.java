// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.probe.ProbeAgents.Agent;
import io.mtlsmigration.probe.ProbeAgents.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps probe agents where plans need them: in a namespace that is being migrated an agent captured
 * as its pods are, when no pod with a proxy there can be probed from; and an agent without a proxy
 * in the service's own namespace, when there is no such client at all. The latter is never placed
 * in a namespace that is being migrated, whose pods must all be captured. For the leader; not
 * thread-safe except for {@link #isAgent}.
 */
public final class AgentReconciler {

  /** The interval between listings, because somebody else may have removed an agent. */
  private static final Duration RELIST = Duration.ofMinutes(1);

  private final ProbeAgents agents;
  private final Policy policy;
  private @Nullable Instant listedAt;
  private final Set<Agent> placed = new TreeSet<>();

  /** The agents that match this version and configuration. */
  private final Set<Agent> current = ConcurrentHashMap.newKeySet();

  /**
   * The policy for placing agents.
   *
   * @param enabled false = nowhere; remaining agents are removed
   * @param namespaces only in these; empty = in any
   * @param home the service's own namespace; empty = no place for a client without a proxy
   */
  public record Policy(boolean enabled, Set<String> namespaces, String home) {
    /** The policy without agents. */
    public static final Policy OFF = new Policy(false, Set.of(), "");

    public Policy {
      namespaces = Set.copyOf(namespaces);
    }

    boolean allows(String namespace) {
      return enabled && (namespaces.isEmpty() || namespaces.contains(namespace));
    }
  }

  /** An action of the reconciler and its result. */
  public record Deed(Agent agent, boolean placing, Answer answer) {}

  public AgentReconciler(ProbeAgents agents, Policy policy) {
    this.agents = agents;
    this.policy = policy;
  }

  /**
   * Reconciles once.
   *
   * @param focus namespaces that plans are at work on; empty = no plan needs an agent
   * @param usable pods that probes can be made from, agents included
   * @throws ProbeAgents.UnavailableException when the placed agents cannot be listed; nothing was
   *     done
   */
  public List<Deed> turn(
      MeshSnapshot snapshot, Set<String> focus, Predicate<Pod> usable, Instant now) {
    if (listedAt == null || !listedAt.plus(RELIST).isAfter(now)) {
      List<Agent> found = agents.list();
      placed.clear();
      placed.addAll(found);
      current.retainAll(found);
      listedAt = now;
    }
    Set<Agent> wanted = wanted(snapshot, focus, usable);
    List<Deed> deeds = new ArrayList<>();
    for (Agent agent : List.copyOf(placed)) {
      if (!wanted.contains(agent)) {
        deeds.add(new Deed(agent, false, removed(agent)));
      }
    }
    for (Agent agent : wanted) {
      if (!placed.contains(agent) || !current.contains(agent)) {
        deeds.add(new Deed(agent, true, put(agent)));
      }
    }
    return deeds;
  }

  private Answer removed(Agent agent) {
    Answer answer = agents.remove(agent);
    if (answer instanceof Answer.Done) {
      placed.remove(agent);
      current.remove(agent);
    }
    return answer;
  }

  private Answer put(Agent agent) {
    Answer answer = agents.place(agent);
    if (answer instanceof Answer.Done) {
      placed.add(agent);
      current.add(agent);
    }
    return answer;
  }

  /**
   * Returns true for a pod of an agent that this process wanted and placed, or updated. Other pods
   * with an agent's labels may be anybody's. Safe from any thread.
   */
  public boolean isAgent(Pod pod) {
    WorkloadRef workload = pod.workload();
    return ProbeAgents.looksLikeAgent(pod)
        && workload.kind().equals("Deployment")
        && current.stream()
            .anyMatch(
                agent ->
                    agent.namespace().equals(pod.namespace())
                        && agent.deployment().equals(workload.name()));
  }

  /** Returns the agents that are needed now. Pure. */
  Set<Agent> wanted(MeshSnapshot snapshot, Set<String> focus, Predicate<Pod> usable) {
    Set<Agent> wanted = new TreeSet<>();
    if (!policy.enabled() || focus.isEmpty()) {
      return wanted;
    }
    boolean bare = false;
    for (NamespaceFacts ns : snapshot.namespaces().values()) {
      boolean proxied = false;
      for (Pod pod : ns.pods()) {
        if (!ProbeAgents.looksLikeAgent(pod)
            && pod.ready()
            && !pod.terminated()
            && usable.test(pod)) {
          proxied |= pod.dataPlane().captured();
          bare |= pod.dataPlane() == DataPlane.NONE;
        }
      }
      DataPlane plane = plane(ns);
      if (!proxied
          && focus.contains(ns.name())
          && !ns.terminating()
          && policy.allows(ns.name())
          && plane.captured()) {
        wanted.add(new Agent(ns.name(), plane));
      }
    }
    String home = policy.home();
    if (!bare && !home.isEmpty() && !focus.contains(home) && policy.allows(home)) {
      wanted.add(new Agent(home, DataPlane.NONE));
    }
    return wanted;
  }

  /** Returns the data plane of most pods of a namespace; those of agents do not count. */
  private static DataPlane plane(NamespaceFacts ns) {
    int sidecars = 0;
    int ambient = 0;
    for (Pod pod : ns.pods()) {
      if (!pod.terminated() && !ProbeAgents.looksLikeAgent(pod)) {
        sidecars += pod.dataPlane() == DataPlane.SIDECAR ? 1 : 0;
        ambient += pod.dataPlane() == DataPlane.AMBIENT ? 1 : 0;
      }
    }
    if (sidecars == 0 && ambient == 0) {
      return DataPlane.NONE;
    }
    return ambient > sidecars ? DataPlane.AMBIENT : DataPlane.SIDECAR;
  }
}
