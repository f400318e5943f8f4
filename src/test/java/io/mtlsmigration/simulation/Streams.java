// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.kubernetes.probe.ConnectionLister.Listing;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Streams in plaintext at sidecars, which are in no counter and in no log until they end: the
 * kernel's tables alone have them. STRICT breaks them, and their clients try again.
 */
final class Streams {

  private static final String TABLE =
      """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
         0: 00000000:3A9E 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1337
      """;

  private final World world;
  private final List<Ztunnel.Held> streams = new ArrayList<>();

  /** Those whose pods have no curl. */
  private final Set<String> unlisted = new HashSet<>();

  /** Whether there are lists at all. */
  boolean listed;

  Streams(World world) {
    this.world = world;
  }

  void unlisted(String workload) {
    listed = true;
    unlisted.add(workload);
  }

  boolean isUnlisted(Workload workload) {
    return unlisted.contains(workload.id());
  }

  /** Begins one, if it is let in. */
  void begin(String client, String server) {
    Workload from = world.cluster.workload(client);
    Workload to = world.cluster.workload(server);
    listed = true;
    if (from == null || from.pods.isEmpty() || to == null || to.pods.isEmpty() || !to.serves) {
      return;
    }
    Pod called = to.pods.getLast();
    if (from.dataPlane == DataPlane.NONE && takes(to, called)) {
      Pod caller = from.pods.getFirst();
      streams.add(new Ztunnel.Held(client, server, caller, called, world.now(), Long.MAX_VALUE));
    }
  }

  private boolean takes(Workload server, Pod pod) {
    return pod.dataPlane() == DataPlane.SIDECAR
        && world.proxies.mode(server, pod) != MtlsMode.STRICT;
  }

  /** It is a request like others then. */
  void end(String client, String server) {
    streams.replaceAll(
        one -> one.client().equals(client) && one.server().equals(server) ? ended(one) : one);
  }

  private Ztunnel.Held ended(Ztunnel.Held one) {
    if (!one.open()) {
      return one;
    }
    world.calls().begin(one.client(), one.server(), Simulation.LENGTH * 2);
    return one.until(world.now());
  }

  /** It ends with either pod, and with the listener that has taken it. */
  void changed() {
    List<Ztunnel.Held> broken = new ArrayList<>();
    streams.replaceAll(
        one -> {
          if (!one.open()) {
            return one;
          }
          Workload to = world.cluster.workload(one.server());
          boolean served = to != null && world.ztunnel.there(one.server(), one.called());
          boolean taken = served && takes(to, one.called());
          if (served && !taken) {
            broken.add(one);
          }
          return taken && world.ztunnel.there(one.client(), one.caller())
              ? one
              : one.until(world.now());
        });
    broken.forEach(one -> world.calls().begin(one.client(), one.server(), 60));
  }

  /** Those to a workload that are open, or end just now. */
  List<Ztunnel.Held> to(Workload server) {
    return streams.stream()
        .filter(one -> one.server().equals(server.id()) && one.to() >= world.now())
        .toList();
  }

  boolean open(String subject) {
    return streams.stream().anyMatch(one -> one.open() && EndJudge.about(subject, one.server()));
  }

  /** What a pod's kernel has, when it is asked for it. */
  Listing list(Pod pod) {
    if (world.scrapes.areLogsDown() || !world.api.answers()) {
      return new Listing.None("the kubelet does not answer", false);
    }
    Workload server =
        world.cluster.workload(pod.workload().namespace() + "/" + pod.workload().name());
    if (server == null || server.pods.stream().noneMatch(one -> one.uid().equals(pod.uid()))) {
      return new Listing.None("there is no such pod", false);
    }
    if (unlisted.contains(server.id())) {
      return new Listing.None("there is no curl in its pods", true);
    }
    StringBuilder text = new StringBuilder(TABLE);
    String own = hex(pod.ip());
    int port = 40_000;
    for (Ztunnel.Held one : streams) {
      port++;
      Pod caller = one.caller();
      if (caller != null && one.open() && one.called().uid().equals(pod.uid())) {
        line(text, own + ":3A9E", hex(caller.ip()) + ":%04X".formatted(port));
        line(text, "0600007F:%04X".formatted(port), own + ":%04X".formatted(Workload.PORT));
      }
    }
    for (Calls.Flow flow : world.calls().to(server)) {
      long last = flow.last(world.now() - 1, world.now());
      Pod client = flow.caller();
      if (last >= 0
          && client != null
          && flow.receivers().stream().anyMatch(r -> r.pod().equals(pod.name()))) {
        line(text, own + ":3A9E", hex(client.ip()) + ":%04X".formatted(41_000 + last % 10_000));
      }
    }
    return new Listing.Tables(text.toString());
  }

  private static void line(StringBuilder text, String local, String peer) {
    text.append("   1: ").append(local).append(' ').append(peer).append(" 01 0:0 00:0 0 1337\n");
  }

  /** As a processor writes it that has the least byte first. */
  private static String hex(String ip) {
    String[] bytes = ip.split("\\.");
    StringBuilder hex = new StringBuilder();
    for (int i = 3; i >= 0; i--) {
      hex.append("%02X".formatted(Integer.parseInt(bytes[i])));
    }
    return hex.toString();
  }
}
