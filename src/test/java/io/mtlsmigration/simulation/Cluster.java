// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.CronRuns;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Telemetry;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.rollout.ProxySync;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is stored, and every version of it that there has been: watches show older ones, and proxies
 * go by older ones.
 */
final class Cluster {

  static final String ROOT = "istio-system";

  /** The one that there always is. */
  static final String NODE = "node";

  /** Over which pods are spread. */
  final List<String> nodes = new ArrayList<>(List.of(NODE));

  private final World world;
  private final NavigableMap<String, Namespace> namespaces = new TreeMap<>();
  private final List<Version> versions = new ArrayList<>();
  private final Set<Workload> everyWorkload = new LinkedHashSet<>();

  /** The parts of the names of workloads. */
  private final Map<String, String[]> ids = new HashMap<>();

  private MeshSettings settings = MeshSettings.DEFAULT;
  private long revision = 100;

  Cluster(World world) {
    this.world = world;
    MeshSnapshot empty = MeshSnapshot.of(settings, World.START, List.of());
    MeshModes modes = MeshModes.resolve(empty);
    versions.add(new Version(0, empty, modes, modes));
  }

  /** What was stored from a second on. */
  static final class Version {
    final long at;
    final MeshSnapshot facts;
    final MeshModes modes;

    /** What istiod has ztunnels enforce. */
    final MeshModes enforced;

    final Map<String, List<ProxySync.Difference>> differences = new HashMap<>();
    private final Map<String, List<Finding>> findings = new HashMap<>();

    Version(long at, MeshSnapshot facts, MeshModes modes, MeshModes enforced) {
      this.at = at;
      this.facts = facts;
      this.modes = modes;
      this.enforced = enforced;
    }

    List<Finding> findings(String namespace) {
      return findings.computeIfAbsent(namespace, n -> Hazards.of(modes, n));
    }
  }

  /** What is seen through streams of which one is ahead of another: of no second at all. */
  record Torn(Version rest, Version policies, Version pods, Version whole) {

    boolean is(Version others, Version ofPolicies, Version ofPods) {
      return rest == others && policies == ofPolicies && pods == ofPods;
    }

    static Torn of(Version rest, Version policies, Version pods) {
      MeshSnapshot facts = rest.facts;
      for (NamespaceFacts own : rest.facts.namespaces().values()) {
        NamespaceFacts before = policies.facts.namespace(own.name());
        NamespaceFacts served = pods.facts.namespace(own.name());
        facts =
            facts.with(
                own.withPeerAuthentications(
                        before == null ? List.of() : before.peerAuthentications())
                    .withPods(served == null ? List.of() : served.pods()));
      }
      MeshModes modes = rest.modes.refresh(facts);
      long at = Math.min(rest.at, Math.min(policies.at, pods.at));
      return new Torn(rest, policies, pods, new Version(at, facts, modes, modes));
    }
  }

  /** A namespace as it is stored. */
  static final class Namespace {
    final String name;
    final String uid;
    final Map<String, Workload> workloads = new TreeMap<>();
    final Map<String, DestinationRule> rules = new TreeMap<>();
    final NavigableMap<String, PeerAuthentication> policies = new TreeMap<>();

    /** By it the sidecars here count nothing as servers. */
    @Nullable Telemetry telemetry;

    final Map<String, JobTemplate> jobs = new TreeMap<>();

    /** The last runs of jobs that are suspended. */
    final Map<String, CronRuns> suspended = new TreeMap<>();

    /** When jobs were made or resumed. */
    final Map<String, Long> since = new TreeMap<>();

    boolean terminating;
    boolean ambient;

    Namespace(String name, String uid) {
      this.name = name;
      this.uid = uid;
    }
  }

  Version now() {
    return versions.getLast();
  }

  /** The version that was the newest at a time. */
  Version at(long second) {
    for (int i = versions.size() - 1; i > 0; i--) {
      if (versions.get(i).at <= second) {
        return versions.get(i);
      }
    }
    return versions.getFirst();
  }

  /** The versions that were the newest at some time since a second. */
  List<Version> since(long second) {
    int from = versions.indexOf(at(second));
    return versions.subList(from, versions.size());
  }

  String revision() {
    return Long.toString(++revision);
  }

  @Nullable Namespace find(String name) {
    return namespaces.get(name);
  }

  Iterable<Namespace> all() {
    return namespaces.values();
  }

  /** Also those that are gone: what was scraped of them is kept. */
  Iterable<Workload> everyWorkload() {
    return everyWorkload;
  }

  @Nullable Workload workload(String id) {
    String[] parts = ids.computeIfAbsent(id, i -> i.split("/", 2));
    Namespace namespace = namespaces.get(parts[0]);
    return namespace == null ? null : namespace.workloads.get(parts[1]);
  }

  /** Of whom a CronJob makes its pods. */
  @Nullable JobTemplate job(String id) {
    int slash = id.indexOf('/');
    Namespace namespace = slash < 0 ? null : namespaces.get(id.substring(0, slash));
    return namespace == null ? null : namespace.jobs.get(id.substring(slash + 1));
  }

  /** When a job was made, or resumed since. */
  long since(JobTemplate job) {
    Namespace namespace = namespaces.get(job.ref().namespace());
    return namespace == null ? 0 : namespace.since.getOrDefault(job.ref().name(), 0L);
  }

  @Nullable PeerAuthentication policy(ObjectRef ref) {
    Namespace namespace = namespaces.get(ref.namespace());
    return namespace == null ? null : namespace.policies.get(ref.name());
  }

  /** Begins a namespace; a second one of the same name has another UID. */
  Namespace create(String name, boolean ambient) {
    Namespace made = new Namespace(name, "uid-" + name + "-" + revision());
    made.ambient = ambient;
    namespaces.put(name, made);
    changed(name);
    return made;
  }

  void remove(String name) {
    namespaces.remove(name);
    changed(name);
  }

  void autoMtls(boolean on) {
    settings = new MeshSettings(ROOT, "cluster.local", on, true);
    add(
        new MeshSnapshot(
            settings, now().facts.observedAt(), now().facts.namespaces(), List.of(), List.of()));
  }

  /** The same, of which istiod makes something else. */
  void madeAnew() {
    add(now().facts);
  }

  /** Everything that is to be seen of a namespace has to be stored by now. */
  void changed(String name) {
    Namespace namespace = namespaces.get(name);
    MeshSnapshot before = now().facts;
    if (namespace == null) {
      NavigableMap<String, NamespaceFacts> left = new TreeMap<>(before.namespaces());
      left.remove(name);
      add(new MeshSnapshot(settings, before.observedAt(), left, List.of(), List.of()));
    } else {
      add(before.with(facts(namespace)));
    }
  }

  private void add(MeshSnapshot next) {
    long now = world.now();
    // Clients have called until now under what was.
    world.calls().advance(now);
    MeshModes modes = now().modes.refresh(next);
    versions.add(new Version(now, next, modes, world.ztunnel.enforced(modes)));
    world.calls().changed();
    world.ztunnel.changed();
    world.streams.changed();
    world.dryRuns.follow();
    world.wake();
  }

  private NamespaceFacts facts(Namespace namespace) {
    List<io.mtlsmigration.mesh.Pod> pods = new ArrayList<>();
    List<io.mtlsmigration.mesh.Service> services = new ArrayList<>();
    everyWorkload.addAll(namespace.workloads.values());
    for (Workload workload : namespace.workloads.values()) {
      pods.addAll(workload.pods);
      if (workload.service() != null) {
        services.add(workload.service());
      }
    }
    return new NamespaceFacts(
        namespace.name,
        namespace.uid,
        namespace.name.equals("legacy") || namespace.name.equals(ROOT)
            ? Map.of()
            : namespace.ambient
                ? Map.of("istio.io/dataplane-mode", "ambient")
                : Map.of("istio-injection", "enabled"),
        Map.of(),
        namespace.terminating,
        pods,
        services,
        List.of(),
        List.copyOf(namespace.policies.values()),
        List.copyOf(namespace.rules.values()),
        List.of(),
        others(namespace),
        List.of());
  }

  private List<OtherObject> others(Namespace namespace) {
    List<OtherObject> others = new ArrayList<>(namespace.jobs.values());
    if (namespace.telemetry != null) {
      others.add(namespace.telemetry);
    }
    AuthorizationPolicy dryRun = world.dryRuns.policy(namespace.name);
    if (dryRun != null) {
      others.add(dryRun);
    }
    return others;
  }

  /** Whether a workload's pods, as they are or would be made, are governed by policies. */
  static boolean governed(Workload workload) {
    return workload.dataPlane.captured() && !workload.job;
  }

  Instant instant() {
    return world.instant();
  }
}
