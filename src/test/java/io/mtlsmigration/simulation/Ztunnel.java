// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.rollout.OldIstiod;
import io.mtlsmigration.rollout.ProxySync;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ztunnels, one on each node, and the istiod that they are told by: which makes rules of
 * policies with modes of ports when these change, and, when it is an old one, not when others do.
 * Connections that are open when STRICT comes stay open.
 */
final class Ztunnel {

  static final String ID = Cluster.ROOT + "/ztunnel";

  private final World world;
  private final List<Held> held = new ArrayList<>();
  private OldIstiod istiod = new OldIstiod();
  private boolean old = true;

  /** Of the node that there always is; that of {@code node-b} is called {@code ztunnel-b}. */
  static String id(String node) {
    return ID + node.substring(Cluster.NODE.length());
  }

  static boolean is(String id) {
    return id.startsWith(ID);
  }

  static String node(String id) {
    return Cluster.NODE + id.substring(ID.length());
  }

  Ztunnel(World world) {
    this.world = world;
  }

  /**
   * A plaintext connection: to an ambient pod it sends every minute.
   *
   * @param client {@code namespace/workload}, or somebody outside
   * @param from inclusive, in seconds; {@code to} exclusive, {@link Long#MAX_VALUE} while open
   */
  record Held(String client, String server, @Nullable Pod caller, Pod called, long from, long to) {

    boolean open() {
      return to == Long.MAX_VALUE;
    }

    Held until(long end) {
      return new Held(client, server, caller, called, from, Math.min(to, end));
    }
  }

  /** What ztunnel is told, when it was told all before. */
  MeshModes enforced(MeshModes modes) {
    boolean ambient =
        modes.snapshot().namespaces().values().stream()
            .flatMap(facts -> facts.pods().stream())
            .anyMatch(pod -> pod.dataPlane() == DataPlane.AMBIENT);
    return old && ambient ? istiod.enforced(modes) : modes;
  }

  /** Another istiod makes all anew. */
  void restarts(boolean newer) {
    old &= !newer;
    istiod = new OldIstiod();
    world.cluster.madeAnew();
  }

  /** Whether it is told what the policies say. */
  ProxySync.Status sync(String namespace) {
    Cluster.Version version = world.cluster.now();
    List<ProxySync.Difference> differences =
        version.differences.computeIfAbsent(
            namespace, n -> OldIstiod.differences(version.modes, version.enforced, n));
    return differences.isEmpty()
        ? new ProxySync.Status.Synced()
        : new ProxySync.Status.Differs(differences);
  }

  /** Begins a connection, if it is let in. */
  void holds(String client, String server) {
    Workload from = client.startsWith("outside") ? null : world.cluster.workload(client);
    Workload to = world.cluster.workload(server);
    boolean gone = !client.startsWith("outside") && (from == null || from.pods.isEmpty());
    if (gone || to == null || to.pods.isEmpty() || !to.serves) {
      return;
    }
    Pod caller = from == null ? null : from.pods.getFirst();
    Pod called = to.pods.getFirst();
    if (called.dataPlane() == DataPlane.AMBIENT
        && (caller == null || !caller.dataPlane().captured())
        && world.proxies.mode(to, called) != MtlsMode.STRICT) {
      held.add(new Held(client, server, caller, called, world.now(), Long.MAX_VALUE));
    }
  }

  void letsGo(String client, String server) {
    held.replaceAll(
        h -> h.client().equals(client) && h.server().equals(server) ? h.until(world.now()) : h);
  }

  /** A connection ends with either pod. */
  void changed() {
    held.replaceAll(
        h ->
            there(h.server(), h.called()) && there(h.client(), h.caller())
                ? h
                : h.until(world.now()));
  }

  boolean there(String id, @Nullable Pod pod) {
    if (pod == null) {
      return true;
    }
    Workload workload = world.cluster.workload(id);
    return workload != null && workload.pods.contains(pod);
  }

  List<Held> held() {
    return held;
  }

  List<Held> held(String server) {
    return held.stream().filter(h -> h.server().equals(server)).toList();
  }

  /** The lives of its pods: counters begin with them. */
  List<Workload.Life> lives() {
    List<Workload.Life> lives = new ArrayList<>();
    Cluster.Namespace root = world.cluster.find(Cluster.ROOT);
    if (root != null) {
      root.workloads.values().stream()
          .filter(one -> is(one.id()))
          .forEach(one -> lives.addAll(one.lives));
    }
    return lives;
  }

  /** The life in which a call was counted. */
  Workload.@Nullable Life at(long second, String node) {
    return lives().stream()
        .filter(life -> life.node().equals(node))
        .filter(life -> life.from() <= second && second < life.to())
        .findFirst()
        .orElse(null);
  }
}
