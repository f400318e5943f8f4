// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.mtls.Reachability;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who calls whom, and what has become of it: the truth that evidence is to tell. Calls are not made
 * one by one. Between two changes each client goes on in the same way, so that their number and
 * their times follow from its period.
 */
final class Calls {

  private final World world;
  private final List<Flow> flows = new ArrayList<>();
  private final Map<String, List<Flow>> byServer = new HashMap<>();

  /** Whether a client keeps to one pod of its server, as over a connection that is kept open. */
  private boolean sticky;

  Calls(World world) {
    this.world = world;
  }

  /** One pod that receives every call of a flow, and what becomes of it there. */
  record Receiver(String pod, String node, DataPlane dataPlane, ClientTls tls, boolean refused) {
    boolean captured() {
      return dataPlane.captured();
    }

    boolean plaintext() {
      return tls != ClientTls.ISTIO_MUTUAL;
    }
  }

  /** A time in which all calls went the same way; {@code from} exclusive, {@code to} inclusive. */
  record Stretch(long from, long to, @Nullable Pod client, List<Receiver> receivers) {
    boolean plaintext() {
      return receivers.stream().anyMatch(Receiver::plaintext);
    }
  }

  /** A client that calls a workload through its Service, every so many seconds. */
  static final class Flow {
    final String client;
    final String server;
    final int port;
    final long period;
    final long first;
    final List<Stretch> stretches = new ArrayList<>();

    /** Whether any call went to an ambient pod. */
    boolean ambient;

    private long until;
    private long advanced;
    private @Nullable Pod caller;
    private List<Receiver> receivers = List.of();

    /**
     * To {@code namespace/workload}, or to another port of it than the first one: {@code :9090}.
     */
    Flow(String client, String server, long period, long now) {
      String[] to = server.split(":");
      this.client = client;
      this.server = to[0];
      this.port = to.length > 1 ? Integer.parseInt(to[1]) : Workload.PORT;
      this.period = period;
      this.first = now;
      this.until = Long.MAX_VALUE;
      this.advanced = now;
    }

    /** How many calls there were after {@code from} and up to {@code to}. */
    long count(long from, long to) {
      long begin = Math.max(from, first - 1);
      long end = Math.min(to, until);
      return end <= begin
          ? 0
          : Math.floorDiv(end - first, period) - Math.floorDiv(begin - first, period);
    }

    /** The last call up to {@code to} that came after {@code from}; -1 when there is none. */
    long last(long from, long to) {
      long end = Math.min(to, until);
      long at = end < first ? -1 : first + Math.floorDiv(end - first, period) * period;
      return at > from ? at : -1;
    }

    String serverNamespace() {
      return server.substring(0, server.indexOf('/'));
    }

    List<Receiver> receivers() {
      return receivers;
    }

    @Nullable Pod caller() {
      return caller;
    }

    boolean running() {
      return until == Long.MAX_VALUE;
    }

    private void advance(long now) {
      if (now > advanced) {
        if (!receivers.isEmpty() && count(advanced, now) > 0) {
          stretch(now);
        }
        advanced = now;
      }
    }

    private void stretch(long now) {
      Stretch last = stretches.isEmpty() ? null : stretches.getLast();
      if (last != null
          && count(last.to(), advanced) == 0
          && Objects.equals(last.client(), caller)
          && last.receivers().equals(receivers)) {
        stretches.set(stretches.size() - 1, new Stretch(last.from(), now, caller, receivers));
      } else {
        stretches.add(new Stretch(advanced, now, caller, receivers));
      }
    }
  }

  List<Flow> flows() {
    return flows;
  }

  /** Those to one workload. */
  List<Flow> to(Workload server) {
    return byServer.getOrDefault(server.id(), List.of());
  }

  /** From now on a client keeps to one pod of its server; every pod gets every call otherwise. */
  void stick() {
    sticky = true;
    changed();
  }

  void begin(String client, String server, long period) {
    Flow flow = new Flow(client, server, period, world.now());
    flow.advanced = world.now() - 1;
    flows.add(flow);
    byServer.computeIfAbsent(flow.server, s -> new ArrayList<>()).add(flow);
    changed(flow);
  }

  void end(String client, String server) {
    advance(world.now());
    Flow ended = new Flow(client, server, 1, 0);
    flows.stream()
        .filter(f -> f.client.equals(client))
        .filter(f -> f.server.equals(ended.server) && f.port == ended.port)
        .forEach(f -> f.until = Math.min(f.until, world.now()));
  }

  /** Everybody has called until now as before. */
  void advance(long now) {
    flows.forEach(f -> f.advance(now));
  }

  /** From now on calls may go another way. */
  void changed() {
    flows.forEach(this::changed);
  }

  private void changed(Flow flow) {
    if (!flow.running()) {
      return;
    }
    Workload client =
        flow.client.startsWith("outside") ? null : world.cluster.workload(flow.client);
    Workload server = world.cluster.workload(flow.server);
    boolean gone = client == null && !flow.client.startsWith("outside");
    Service service = server == null ? null : server.service();
    Service.ServicePort port = server == null ? null : server.port(flow.port);
    // Whose pods its Service does not select has nobody call it.
    boolean deaf = server != null && !server.app.equals(server.name);
    boolean silent =
        gone
            || deaf
            || (client != null && client.pods.isEmpty())
            || service == null
            || port == null;
    flow.caller = silent || client == null ? null : client.pods.getFirst();
    flow.receivers = silent ? List.of() : receivers(flow, server, service, port);
    flow.ambient |= flow.receivers.stream().anyMatch(r -> r.dataPlane() == DataPlane.AMBIENT);
  }

  private List<Receiver> receivers(
      Flow flow, Workload server, Service service, Service.ServicePort port) {
    Pod client = flow.caller;
    Reachability reach = Reachability.of(world.cluster.now().modes);
    List<Receiver> all = new ArrayList<>();
    for (Pod pod : sticky ? chosen(flow, server.pods) : server.pods) {
      Backend backend = new Backend(pod, pod.ip(), flow.port, true);
      Prediction prediction =
          client == null
              ? reach.predictPlaintext(service, port, backend)
              : reach.predict(client, service, port, backend);
      all.add(
          new Receiver(
              pod.name(),
              pod.node(),
              pod.dataPlane(),
              prediction.clientTls(),
              refuses(world.proxies.mode(server, pod, flow.port), pod, prediction)));
    }
    return all;
  }

  /** By rendezvous hashing: another one only when the one before has gone, or a new one wins. */
  private static List<Pod> chosen(Flow flow, List<Pod> pods) {
    return pods.stream()
        .max(Comparator.comparingLong(pod -> Scrapes.mixed((flow.client + pod.name()).hashCode())))
        .map(List::of)
        .orElse(List.of());
  }

  /**
   * What becomes of a call.
   *
   * @param mode that the server's proxy goes by
   * @param sent what its client sends; and what the policies as they are say of it
   */
  static boolean refuses(MtlsMode mode, Pod server, Prediction sent) {
    boolean mutual = sent.clientTls() == ClientTls.ISTIO_MUTUAL;
    return switch (server.dataPlane()) {
      case SIDECAR -> mutual ? mode == MtlsMode.DISABLE : mode == MtlsMode.STRICT;
      case AMBIENT -> sent.way() != Prediction.Way.TUNNEL && (mutual || mode == MtlsMode.STRICT);
      case GATEWAY, NONE -> sent.reach() == Reach.REFUSED;
    };
  }
}
