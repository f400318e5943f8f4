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
 * Keeps agents where plans need them: in a namespace that is being migrated one that is captured as
 * its pods are, when no pod with a proxy there can be probed from; and one without a proxy in the
 * service's own namespace, when there is no such client at all. Never the latter in a namespace
 * that is being migrated, whose pods must all be captured. For the leader, and but for {@link
 * #isAgent} not thread-safe.
 */
public final class AgentReconciler {

  /** Between looks at what there is: somebody else may have removed one. */
  private static final Duration RELIST = Duration.ofMinutes(1);

  private final ProbeAgents agents;
  private final Policy policy;
  private @Nullable Instant listedAt;
  private final Set<Agent> placed = new TreeSet<>();

  /** Those of them that are as this version and configuration want them. */
  private final Set<Agent> current = ConcurrentHashMap.newKeySet();

  /**
   * Where agents may be.
   *
   * @param enabled false = nowhere; what is left from before is removed
   * @param namespaces only in these; empty = in any
   * @param home the service's own namespace; empty = no place for a client without a proxy
   */
  public record Policy(boolean enabled, Set<String> namespaces, String home) {
    /** No agents. */
    public static final Policy OFF = new Policy(false, Set.of(), "");

    public Policy {
      namespaces = Set.copyOf(namespaces);
    }

    boolean allows(String namespace) {
      return enabled && (namespaces.isEmpty() || namespaces.contains(namespace));
    }
  }

  /** Something that was done, or could not be. */
  public record Deed(Agent agent, boolean placing, Answer answer) {}

  public AgentReconciler(ProbeAgents agents, Policy policy) {
    this.agents = agents;
    this.policy = policy;
  }

  /**
   * One turn.
   *
   * @param focus namespaces that plans are at work on; empty = no plan needs an agent
   * @param usable pods that probes can be made from, agents included
   * @throws ProbeAgents.UnavailableException when what is placed cannot be known; nothing was done
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
   * True for a pod of an agent that was wanted and placed, or brought up to date, from here. What
   * else has an agent's labels may be anybody's. Safe from any thread.
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

  /** Agents that are needed now. Pure. */
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

  /** How most pods of a namespace are captured; those of agents do not count. */
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
