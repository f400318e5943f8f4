// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.rollout.ProxySync.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The last answers of all istiods, and what they mean for a namespace.
 *
 * @param begun before the first istiod was queried
 * @param known the facts from before then
 * @param changes of policies, by namespace
 * @param sidecars by namespace and pod
 * @param ztunnels by node
 * @param ambient what ztunnels are told of pods whose policies have port-level modes
 * @param elsewhere other clusters with sidecars that were shown, by namespace
 * @param gaps istiods that could not be queried
 * @param obstacle why nothing can be said at all; empty when there is no such reason
 */
record IstiodReading(
    Instant begun,
    MeshSnapshot known,
    Map<String, PolicyChanges.Change> changes,
    Proxies sidecars,
    Proxies ztunnels,
    AmbientView ambient,
    Map<String, Set<String>> elsewhere,
    List<Gap> gaps,
    String obstacle) {

  private static final int NAMED = 3;

  /**
   * The time in which a proxy connects to istiod, usually seconds, even when its node pulls images
   * slowly.
   */
  private static final Duration STARTED = Duration.ofMinutes(5);

  Duration age(Instant now) {
    return Duration.between(begun, now).abs(); // the clock may have been set back
  }

  /**
   * Returns the status of a namespace's pods.
   *
   * @param pods captured pods that run
   * @param options the lifetime of an observation that a proxy follows, and this cluster's name
   */
  Status judge(
      MeshSnapshot now, NamespaceFacts facts, List<Pod> pods, Instant at, IstiodOptions options) {
    if (!obstacle.isEmpty()) {
      return new Status.Unknown(obstacle);
    }
    NamespaceFacts then = known.namespace(facts.name());
    if (!PolicyChanges.same(then, facts) || !PolicyChanges.same(known.root(), now.root())) {
      return new Status.Unknown(
          "istiod was asked before the policies changed; it is asked again within seconds");
    }
    Evidence ofSidecars = evidence(facts.name(), at, options.maxAge());
    // A change may mean no update for a ztunnel.
    Evidence ofZtunnels = new Evidence(ofSidecars.since(), Instant.MIN);
    Set<String> ready = readyThen(then);
    List<String> lagging = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    for (Pod pod : pods) {
      // A young pod that was not ready and that no istiod knows had no running proxy. If it is
      // ready by now, its proxy has since received everything that istiod has. An old one's proxy
      // may go by what it has had for days, unless it has yet to run.
      boolean young =
          pod.proxyUnstarted()
              || (!ready.contains(pod.uid()) && pod.createdAt().plus(STARTED).isAfter(begun));
      Collection<Proxy> proxies = proxies(pod);
      Evidence evidence = pod.dataPlane() == DataPlane.AMBIENT ? ofZtunnels : ofSidecars;
      boolean shown = proxies.stream().anyMatch(Proxy::shown);
      if (!evidence.suffices(proxies) && !(young && !shown && gaps.isEmpty())) {
        boolean lags = gaps.isEmpty() || proxies.stream().anyMatch(evidence::showsBehind);
        (lags ? lagging : unknown).add(pod.namespace() + "/" + pod.name());
      }
    }
    if (!lagging.isEmpty()) {
      return new Status.Lagging(lagging);
    }
    if (!unknown.isEmpty()) {
      return unknown(unknown);
    }
    Status told = ambient.judge(now, facts, pods, options.clusterId());
    return told == null ? new Status.Synced() : told;
  }

  /** Returns those of the pods whose sidecar no istiod has shown although all were queried. */
  Set<String> strangers(List<Pod> pods, Set<String> acquainted) {
    if (!obstacle.isEmpty() || !gaps.isEmpty()) {
      return Set.of();
    }
    Set<String> strangers = new HashSet<>();
    for (Pod pod : pods) {
      boolean old = pod.createdAt().plus(STARTED).isBefore(begun);
      boolean claims = pod.dataPlane() == DataPlane.SIDECAR;
      if (old && claims && !acquainted.contains(pod.uid()) && proxies(pod).isEmpty()) {
        strangers.add(pod.namespace() + "/" + pod.name());
      }
    }
    return strangers;
  }

  /** Returns the UIDs of existing pods whose sidecar is shown, or was {@code before}. */
  Set<String> acquainted(Set<String> before) {
    Set<String> acquainted = new HashSet<>();
    for (NamespaceFacts facts : known.namespaces().values()) {
      for (Pod pod : facts.pods()) {
        if (pod.dataPlane() == DataPlane.SIDECAR
            && (before.contains(pod.uid()) || !proxies(pod).isEmpty())) {
          acquainted.add(pod.uid());
        }
      }
    }
    return acquainted;
  }

  private static Set<String> readyThen(@Nullable NamespaceFacts then) {
    Set<String> ready = new HashSet<>();
    for (Pod pod : then == null ? List.<Pod>of() : then.pods()) {
      if (pod.ready()) {
        ready.add(pod.uid());
      }
    }
    return ready;
  }

  private Collection<Proxy> proxies(Pod pod) {
    if (pod.dataPlane() == DataPlane.AMBIENT) {
      return ztunnels.at(pod.node());
    }
    Proxy sidecar = sidecars.get(pod.namespace(), pod.name());
    if (sidecar == null || !sidecar.followedAt().isBefore(pod.createdAt().plus(CLOCKS))) {
      return sidecar == null ? List.of() : List.of(sidecar);
    }
    // A StatefulSet's pod has the name of the one before it, which this is known of.
    boolean shown = sidecar.shown() && !begun.isBefore(pod.createdAt());
    return shown ? List.of(Proxy.behind()) : List.of();
  }

  /**
   * The evidence required of a proxy.
   *
   * @param since the earliest time of an observation that the proxy follows
   * @param madeAt the earliest time at which the acknowledged configuration may have been made
   */
  private record Evidence(Instant since, Instant madeAt) {

    boolean suffices(Collection<Proxy> proxies) {
      return !proxies.isEmpty() && proxies.stream().noneMatch(this::lacks);
    }

    boolean showsBehind(Proxy proxy) {
      return proxy.shown() && lacks(proxy);
    }

    private boolean lacks(Proxy proxy) {
      return proxy.followedAt().isBefore(since) || proxy.madeAt().isBefore(madeAt);
    }
  }

  private Evidence evidence(String namespace, Instant at, Duration maxAge) {
    Instant since = at.minus(maxAge);
    Instant madeAt = Instant.MIN;
    for (String policies : List.of(namespace, known.settings().rootNamespace())) {
      PolicyChanges.Change change = changes.get(policies);
      if (change != null) {
        since = later(since, change.seenAt());
        madeAt = later(madeAt, change.needed(at).minus(CLOCKS));
      }
    }
    return new Evidence(since, madeAt);
  }

  /** The tolerance: versions have whole seconds, and istiod's clock is known to about one. */
  private static final Duration CLOCKS = Duration.ofSeconds(2);

  private static Instant later(Instant one, Instant other) {
    return one.isBefore(other) ? other : one;
  }

  private Status.Unknown unknown(List<String> proxies) {
    List<String> named = proxies.subList(0, Math.min(NAMED, proxies.size()));
    int more = proxies.size() - named.size();
    Gap gap = gaps.getFirst();
    return new Status.Unknown(
        String.join(", ", named)
            + (more == 0 ? "" : " and " + more + " more")
            + " may be connected to istiod "
            + gap.pod().namespace()
            + "/"
            + gap.pod().name()
            + (gaps.size() == 1
                ? ""
                : " or " + (gaps.size() - 1) + (gaps.size() == 2 ? " other" : " others"))
            + ", which could not be asked: "
            + gap.detail());
  }
}
