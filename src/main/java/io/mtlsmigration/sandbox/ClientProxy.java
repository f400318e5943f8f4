// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reach;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls: stands in for a client's program and for its proxy, if it has one. The proxy acts by
 * the configuration that this very proxy has; a program without one sees the socket as it is.
 */
final class ClientProxy {

  private final SimulatedCluster cluster;
  private final ConfigHistory configs;
  private final CertificateAuthority authority;
  private final ClientConversation conversation;
  private final Sources sources;
  private final Listeners listeners;
  private final TrafficCounters counters;
  private final Timer timer;

  ClientProxy(
      SimulatedCluster cluster,
      ConfigHistory configs,
      CertificateAuthority authority,
      ClientConversation conversation,
      Sources sources,
      Listeners listeners,
      TrafficCounters counters,
      Timer timer) {
    this.cluster = cluster;
    this.configs = configs;
    this.authority = authority;
    this.conversation = conversation;
    this.sources = sources;
    this.listeners = listeners;
    this.counters = counters;
    this.timer = timer;
  }

  /**
   * Makes a call to the current endpoints of a name. Blocks until it has ended; a failure is
   * returned, never thrown.
   *
   * @param turn grows from call to call, so that endpoints take turns
   */
  CallEnd make(Pod client, TrafficCall.To to, long turn, Duration timeout) {
    return switch (to) {
      case TrafficCall.Destination destination -> make(client, destination, turn, timeout);
      case TrafficCall.Address address -> make(client, address, turn, timeout);
    };
  }

  private CallEnd make(Pod client, TrafficCall.Address to, long turn, Duration timeout) {
    List<Pod> pods = cluster.running(to.workload());
    if (pods.isEmpty()) {
      return CallEnd.exit(CallEnd.NOT_CONNECTED);
    }
    Pod server = pods.get((int) Math.floorMod(turn, (long) pods.size()));
    Backend backend = new Backend(server, server.ip(), to.port(), true);
    NamespaceFacts facts = cluster.namespace(server.namespace());
    if (facts != null) {
      // The port's protocol is known from the Service that leads there, if one does.
      for (Service service : facts.services()) {
        for (ServicePort port : service.ports()) {
          if (leads(service, port, backend)) {
            return make(
                new SandboxCall(client, service, port, backend, to.path(), timeout, false, true));
          }
        }
      }
    }
    return CallEnd.exit(CallEnd.NOT_CONNECTED);
  }

  private boolean leads(Service service, ServicePort port, Backend to) {
    return configs.latest().reachability().backends(service, port).stream()
        .anyMatch(b -> b.targetPort() == to.targetPort() && to.ip().equals(b.ip()));
  }

  private CallEnd make(Pod client, TrafficCall.Destination to, long turn, Duration timeout) {
    Service service = cluster.service(to.namespace(), to.service());
    if (service == null) {
      return CallEnd.exit(CallEnd.UNKNOWN_HOST);
    }
    Optional<ServicePort> port =
        service.ports().stream().filter(p -> p.port() == to.port()).findFirst();
    if (port.isEmpty()) {
      return CallEnd.exit(proxied(client) ? CallEnd.EMPTY_REPLY : CallEnd.NOT_CONNECTED);
    }
    List<Backend> ready =
        configs.latest().reachability().backends(service, port.get()).stream()
            .filter(Backend::ready)
            .toList();
    if (ready.isEmpty()) {
      return noEndpoint(client, to.namespace());
    }
    Backend backend = ready.get((int) Math.floorMod(turn, (long) ready.size()));
    return make(new SandboxCall(client, service, port.get(), backend, to.path(), timeout, false));
  }

  private CallEnd noEndpoint(Pod client, String serverNamespace) {
    if (!proxied(client)) {
      return CallEnd.exit(CallEnd.NOT_CONNECTED);
    }
    counters.called(serverNamespace, true);
    return CallEnd.noHealthyUpstream();
  }

  /** Makes a call to one endpoint. */
  CallEnd make(SandboxCall call) {
    CallEnd end = new Attempt(call).end();
    if (passesThrough(call)) {
      // Envoy knows no Service there, and counts for none.
      if (cluster.settings().outboundAllowAny()) {
        counters.passedThrough(call.client().workload(), call.host(), PortProtocol.of(call.port()));
      }
    } else if (proxied(call.client()) && !call.ownProbe()) {
      counters.called(call.service().namespace(), end.failed());
    }
    return end;
  }

  /**
   * Returns whether a call bypasses Services: a sidecar knows Services; ztunnel knows pods, and
   * tunnels to them.
   */
  private static boolean passesThrough(SandboxCall call) {
    return call.direct() && call.client().dataPlane() == DataPlane.SIDECAR;
  }

  private static boolean proxied(Pod client) {
    return client.dataPlane() != DataPlane.NONE;
  }

  /** The progress of a call, which determines the meaning of a failure. */
  private enum Stage {
    CONNECTING,
    SECURING,
    TALKING
  }

  private final class Attempt {
    private final SandboxCall call;
    private final boolean proxied;
    private final PortProtocol protocol;
    private final AtomicBoolean expired = new AtomicBoolean();
    private Stage stage = Stage.CONNECTING;

    Attempt(SandboxCall call) {
      this.call = call;
      this.proxied = proxied(call.client());
      this.protocol = PortProtocol.of(call.port());
    }

    CallEnd end() {
      Prediction prediction = prediction();
      if (prediction.way() == Prediction.Way.WITHHELD) {
        // Envoy's BlackHoleCluster accepts the connection and closes it.
        return CallEnd.exit(CallEnd.RECEIVE_FAILED);
      }
      Pod server = server();
      if (server == null) {
        return notConnected();
      }
      ServerPort port =
          new ServerPort(server.namespace(), server.name(), call.backend().targetPort(), protocol);
      try (Listeners.Lease lease = listeners.lease(port)) {
        return connect(lease, prediction, server);
      } catch (IOException e) {
        return expired.get() ? CallEnd.exit(CallEnd.TIMED_OUT) : failure(e);
      }
    }

    private Prediction prediction() {
      if (passesThrough(call)) {
        return new Prediction(
            ClientTls.PLAINTEXT,
            Reach.OK,
            List.of(),
            cluster.settings().outboundAllowAny()
                ? Prediction.Way.DIRECT
                : Prediction.Way.WITHHELD);
      }
      return proxied
          ? configs
              .of(call.client())
              .reachability()
              .predict(call.client(), call.service(), call.port(), call.backend())
          : new Prediction(ClientTls.PLAINTEXT, Reach.OK, List.of());
    }

    /** Returns the pod that has the endpoint's address now; null when none has. */
    private @Nullable Pod server() {
      Pod known = call.backend().pod();
      Pod now = known == null ? null : cluster.pod(known.namespace(), known.name());
      return now == null || now.terminated() ? null : now;
    }

    private CallEnd connect(Listeners.Lease lease, Prediction prediction, Pod server)
        throws IOException {
      try (Socket socket = sources.open(CallSource.of(call.client(), call.ownProbe()))) {
        int local = socket.getLocalPort();
        Timer.Task alarm = timer.after(call.timeout(), () -> expire(socket));
        try {
          socket.connect(lease.address());
          stage = Stage.SECURING;
          Socket transport = secured(socket, prediction, server);
          stage = Stage.TALKING;
          return conversation.talk(transport, protocol, call);
        } finally {
          alarm.cancel();
          sources.closed(local);
        }
      }
    }

    /** Closes the socket, which ends everything that waits on it. */
    private void expire(Socket socket) {
      expired.set(true);
      try {
        socket.close();
      } catch (IOException e) {
        // It is closed in any case.
      }
    }

    private Socket secured(Socket socket, Prediction prediction, Pod server) throws IOException {
      return switch (prediction.clientTls()) {
        case PLAINTEXT -> socket;
        case TLS -> handshaken(own().simpleClient(socket));
        case ISTIO_MUTUAL -> {
          boolean tunnel = prediction.way() == Prediction.Way.TUNNEL;
          String alpn = tunnel ? WorkloadIdentity.TUNNEL_ALPN : WorkloadIdentity.ISTIO_ALPN;
          yield verified(handshaken(own().mutualClient(socket, alpn)), server);
        }
      };
    }

    private WorkloadIdentity own() {
      return authority.identity(SpiffeId.of(call.client(), cluster.settings().trustDomain()));
    }

    private static SSLSocket handshaken(SSLSocket tls) throws IOException {
      tls.startHandshake();
      return tls;
    }

    /**
     * Verifies the server's identity: istiod tells clients which identities a service has; no other
     * is accepted.
     */
    private SSLSocket verified(SSLSocket tls, Pod server) throws IOException {
      SpiffeId expected = SpiffeId.of(server, cluster.settings().trustDomain());
      SpiffeId shown =
          WorkloadIdentity.peer(tls)
              .orElseThrow(() -> new IOException("the server shows no identity"));
      if (!shown.equals(expected)) {
        throw new IOException(shown + " is not " + expected);
      }
      return tls;
    }

    private CallEnd failure(IOException e) {
      if (stage == Stage.CONNECTING) {
        return notConnected();
      }
      if (proxied && protocol.speaksHttp()) {
        return stage == Stage.SECURING
            ? CallEnd.connectionFailure()
            : CallEnd.connectionTermination();
      }
      if (e instanceof ClientConversation.TlsFailedException) {
        return CallEnd.exit(CallEnd.TLS_FAILED);
      }
      // A proxy in between passes on that the server closed, but not how.
      return CallEnd.exit(e instanceof EOFException ? CallEnd.EMPTY_REPLY : CallEnd.RECEIVE_FAILED);
    }

    private CallEnd notConnected() {
      if (!proxied) {
        return CallEnd.exit(CallEnd.NOT_CONNECTED);
      }
      return protocol.speaksHttp()
          ? CallEnd.connectionFailure()
          : CallEnd.exit(CallEnd.RECEIVE_FAILED);
    }
  }
}
