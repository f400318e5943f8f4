// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.traffic.Edge.Security;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for the proxy in front of a server, and for the server. It accepts connections by the
 * effective mode in the configuration that this very proxy has:
 *
 * <ul>
 *   <li>{@code STRICT}: mutual TLS. Plaintext is reset before a byte of answer, as by Envoy when no
 *       filter chain matches.
 *   <li>{@code PERMISSIVE}: mutual TLS when the client offers Istio's protocol; everything else
 *       goes to the application unchanged, TLS of other kinds included.
 *   <li>{@code DISABLE}, no proxy, or a port that bypasses it: everything goes to the application.
 *   <li>ztunnel: mutual TLS in a tunnel in every mode; anything else unchanged, unless {@code
 *       STRICT}.
 *   <li>a gateway: TLS or plaintext, by its own servers; policies do not matter.
 * </ul>
 */
final class ServerProxy implements Listeners.Handler {

  /** The idle time after which a connection is closed; clients keep none that long. */
  private static final int IDLE_MILLIS = (int) Duration.ofSeconds(60).toMillis();

  private final SimulatedCluster cluster;
  private final ConfigHistory configs;
  private final CertificateAuthority authority;
  private final ApplicationTls applications;
  private final Sources sources;
  private final TrafficCounters counters;
  private final WireTraces wire;

  ServerProxy(
      SimulatedCluster cluster,
      ConfigHistory configs,
      CertificateAuthority authority,
      ApplicationTls applications,
      Sources sources,
      TrafficCounters counters,
      WireTraces wire) {
    this.cluster = cluster;
    this.configs = configs;
    this.authority = authority;
    this.applications = applications;
    this.sources = sources;
    this.counters = counters;
    this.wire = wire;
  }

  @Override
  public void serve(Socket socket, ServerPort port) throws IOException {
    CallSource source = sources.at((InetSocketAddress) socket.getRemoteSocketAddress());
    Pod pod = cluster.pod(port.namespace(), port.pod());
    if (pod == null || pod.terminated()) {
      reset(socket);
      return;
    }
    socket.setSoTimeout(IDLE_MILLIS);
    new Connection(socket, port, pod, source, wire.begin(socket, port, source)).serve();
  }

  /** Resets a connection: linger 0 makes the kernel send RST instead of FIN. */
  static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** The handling of a connection. */
  private enum Admitted {
    /** The proxy terminates TLS in which both sides show certificates. */
    MUTUAL_TLS,
    /** A gateway terminates TLS; clients need no certificate. */
    SERVER_TLS,
    /** The bytes go to the application. */
    AS_IT_IS,
    REFUSED
  }

  private final class Connection {
    private final Socket socket;
    private final ServerPort port;
    private final Pod pod;
    private final CallSource source;
    private final WireTrace trace;

    Connection(Socket socket, ServerPort port, Pod pod, CallSource source, WireTrace trace) {
      this.socket = socket;
      this.port = port;
      this.pod = pod;
      this.source = source;
      this.trace = trace;
    }

    void serve() throws IOException {
      InputStream in = trace.tapped(socket.getInputStream());
      if (!proxied()) {
        application(socket, new BufferedInputStream(in), null);
        return;
      }
      Greeting hello = Greeting.sniff(in);
      if (hello.isSilent()) {
        return;
      }
      switch (admit(hello, mode())) {
        case MUTUAL_TLS -> mutual(hello);
        case SERVER_TLS -> {
          SSLSocket tls = identity().server(socket, hello.consumedStream(), false);
          application(tls, new BufferedInputStream(tls.getInputStream()), null);
        }
        case AS_IT_IS ->
            application(
                socket,
                new BufferedInputStream(hello.replayed()),
                counted() ? Security.PLAINTEXT : null);
        case REFUSED -> {
          in.readNBytes(in.available()); // like Envoy, which reads before it chooses
          refuse();
        }
      }
    }

    private boolean proxied() {
      return switch (pod.dataPlane()) {
        case SIDECAR -> !pod.inbound().bypasses(port.port());
        case AMBIENT, GATEWAY -> true;
        case NONE -> false;
      };
    }

    /** Returns whether requests are counted; gateways report as sources, without their callers. */
    private boolean counted() {
      return pod.dataPlane() != DataPlane.GATEWAY;
    }

    private MtlsMode mode() {
      return configs.of(pod).modes().namespace(pod.namespace()).of(pod).of(port.port());
    }

    private Admitted admit(Greeting hello, MtlsMode mode) {
      if (pod.dataPlane() == DataPlane.GATEWAY) {
        return hello.tls() ? Admitted.SERVER_TLS : Admitted.AS_IT_IS;
      }
      if (hello.offered().contains(WorkloadIdentity.TUNNEL_ALPN) && Tunnel.isTakenBy(pod)) {
        return Admitted.MUTUAL_TLS;
      }
      boolean strict = mode == MtlsMode.STRICT;
      if (pod.dataPlane() == DataPlane.AMBIENT) {
        return strict ? Admitted.REFUSED : Admitted.AS_IT_IS;
      }
      if (strict) {
        // TLS without a certificate fails in the handshake, as it does in Envoy.
        return hello.tls() ? Admitted.MUTUAL_TLS : Admitted.REFUSED;
      }
      boolean istio = hello.offered().contains(WorkloadIdentity.ISTIO_ALPN);
      return istio && mode == MtlsMode.PERMISSIVE ? Admitted.MUTUAL_TLS : Admitted.AS_IT_IS;
    }

    private void refuse() throws IOException {
      counters.refused(pod.workload(), port.port(), source);
      trace.reset();
      reset(socket);
    }

    private void mutual(Greeting hello) throws IOException {
      SSLSocket tls = identity().server(socket, hello.consumedStream(), true);
      try {
        trace.answered(); // with its own greeting, whatever comes of it
        tls.startHandshake();
      } catch (IOException e) {
        counters.refused(pod.workload(), port.port(), source);
        throw e;
      }
      application(tls, new BufferedInputStream(tls.getInputStream()), Security.MUTUAL_TLS);
    }

    private WorkloadIdentity identity() {
      return authority.identity(SpiffeId.of(pod, cluster.settings().trustDomain()));
    }

    /**
     * Hands the connection to the application.
     *
     * @param security how requests are counted; null when no proxy sees them
     */
    private void application(Socket transport, InputStream in, @Nullable Security security)
        throws IOException {
      OutputStream out = trace.answering(transport.getOutputStream());
      switch (port.protocol()) {
        case HTTP, GRPC ->
            Application.http(in, out, source.caller().address(), () -> next(security));
        case TCP, SERVER_FIRST -> {
          count(security);
          Application.lines(in, out, port.protocol() == PortProtocol.SERVER_FIRST);
        }
        case TLS -> {
          count(security);
          trace.answered();
          try (SSLSocket inner = applications.server(transport, in)) {
            Application.http(
                new BufferedInputStream(inner.getInputStream()),
                inner.getOutputStream(),
                source.caller().address(),
                () -> true);
          }
        }
      }
    }

    /**
     * Returns whether the connection may carry another request. Stand-in proxies drain at once: one
     * that would be refused now carries no more.
     */
    private boolean next(@Nullable Security security) {
      if (security == Security.PLAINTEXT && mode() == MtlsMode.STRICT) {
        return false;
      }
      count(security);
      return true;
    }

    private void count(@Nullable Security security) {
      if (security != null) {
        counters.served(pod.workload(), port.port(), port.protocol(), security, source);
        if (pod.dataPlane() == DataPlane.SIDECAR) {
          judge(security == Security.PLAINTEXT);
        }
      }
    }

    /** Counts what a dry run would have refused; a dry run refuses nothing. */
    private void judge(boolean plaintext) {
      NamespaceFacts facts = configs.of(pod).modes().snapshot().namespace(pod.namespace());
      if (facts != null
          && facts.others(AuthorizationPolicy.class).stream().anyMatch(this::judges)) {
        counters.judged(pod.workload(), port.port(), plaintext, source);
      }
    }

    private boolean judges(AuthorizationPolicy policy) {
      return !policy.enforced()
          && !policy.attached()
          && policy.action() == AuthorizationPolicy.Action.DENY
          && policy.peers().stream().anyMatch(AuthorizationPolicy.Peers::excepted)
          && !policy.notPorts().contains(port.port())
          && LabelSelector.containsAll(pod.labels(), policy.selector());
    }
  }
}
