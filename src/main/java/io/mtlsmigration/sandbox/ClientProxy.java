package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reach;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLSocket;

/**
 * Makes calls: stands in for a client's program and for its proxy, if it has one. What the proxy
 * sends follows from the configuration that this very proxy has; a program without one sees what
 * the socket gives.
 */
final class ClientProxy {

  /** First bytes of a body that are kept. */
  private static final int BODY = 512;

  private final SimulatedCluster cluster;
  private final ConfigHistory configs;
  private final CertificateAuthority authority;
  private final CertificateAuthority applications;
  private final Sources sources;
  private final Listeners listeners;
  private final TrafficCounters counters;
  private final Timer timer;

  ClientProxy(
      SimulatedCluster cluster,
      ConfigHistory configs,
      CertificateAuthority authority,
      CertificateAuthority applications,
      Sources sources,
      Listeners listeners,
      TrafficCounters counters,
      Timer timer) {
    this.cluster = cluster;
    this.configs = configs;
    this.authority = authority;
    this.applications = applications;
    this.sources = sources;
    this.listeners = listeners;
    this.counters = counters;
    this.timer = timer;
  }

  /** Blocks until the call has ended; never throws for a call that fails. */
  CallEnd make(Call call) {
    boolean proxied = call.client().dataPlane() != DataPlane.NONE;
    CallEnd end = new Attempt(call, proxied).end();
    if (proxied && !call.ownProbe()) {
      counters.called(call.service().namespace(), end.failed());
    }
    return end;
  }

  /** How far a call came; says what a failure means. */
  private enum Stage {
    CONNECTING,
    SECURING,
    EXCHANGING
  }

  private final class Attempt {
    private final Call call;
    private final boolean proxied;
    private final PortProtocol protocol;
    private final AtomicBoolean expired = new AtomicBoolean();
    private volatile Stage stage = Stage.CONNECTING;

    Attempt(Call call, boolean proxied) {
      this.call = call;
      this.proxied = proxied;
      this.protocol = PortProtocol.of(call.port());
    }

    CallEnd end() {
      Backend backend = call.backend();
      Pod seen = backend.pod();
      Pod server = seen == null ? null : cluster.pod(seen.namespace(), seen.name());
      if (server == null || server.terminated()) {
        return notConnected();
      }
      ServerPort port =
          new ServerPort(server.namespace(), server.name(), backend.targetPort(), protocol);
      try (Listeners.Lease lease = listeners.lease(port);
          Socket socket = sources.open(Source.of(call.client(), call.ownProbe()))) {
        int local = socket.getLocalPort();
        Timer.Task alarm = timer.after(call.timeout(), () -> expire(socket));
        try {
          socket.connect(lease.address(), Math.max(1, (int) call.timeout().toMillis()));
          return secured(socket, server);
        } finally {
          alarm.cancel();
          sources.closed(local);
        }
      } catch (IOException e) {
        return expired.get() ? CallEnd.exit(CallEnd.TIMED_OUT) : failure(e);
      }
    }

    private void expire(Socket socket) {
      expired.set(true);
      try {
        socket.close();
      } catch (IOException e) {
        // It is closed one way or the other.
      }
    }

    private CallEnd secured(Socket socket, Pod server) throws IOException {
      stage = Stage.SECURING;
      Prediction prediction = prediction();
      WorkloadIdentity own =
          authority.identity(SpiffeId.of(call.client(), cluster.settings().trustDomain()));
      return switch (prediction.clientTls()) {
        case PLAINTEXT -> exchange(socket);
        case TLS -> exchange(handshaken(own.simpleClient(socket)));
        case ISTIO_MUTUAL -> {
          boolean tunnel = prediction.reach() == Reach.OK && Tunnel.isTakenBy(server);
          SSLSocket tls =
              own.mutualClient(
                  socket, tunnel ? WorkloadIdentity.TUNNEL_ALPN : WorkloadIdentity.ISTIO_ALPN);
          yield exchange(verified(handshaken(tls), server));
        }
      };
    }

    private Prediction prediction() {
      return proxied
          ? configs
              .of(call.client())
              .reachability()
              .predict(call.client(), call.service(), call.port(), call.backend())
          : new Prediction(ClientTls.PLAINTEXT, Reach.OK, java.util.List.of());
    }

    private static SSLSocket handshaken(SSLSocket tls) throws IOException {
      tls.startHandshake();
      return tls;
    }

    /** istiod tells clients which identities stand behind a service; no other is accepted. */
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

    private CallEnd exchange(Socket transport) throws IOException {
      stage = Stage.EXCHANGING;
      return switch (protocol) {
        case HTTP, GRPC -> http(transport);
        case TCP, SERVER_FIRST -> firstByte(transport);
        case TLS -> applicationTls(transport);
      };
    }

    private CallEnd http(Socket transport) throws IOException {
      String request =
          "GET %s HTTP/1.1\r\nHost: %s.%s:%d\r\nUser-Agent: curl/8.0\r\nAccept: */*\r\nConnection: close\r\n\r\n"
              .formatted(
                  call.path(),
                  call.service().name(),
                  call.service().namespace(),
                  call.port().port());
      // In one write: a reset that follows it is seen when reading, as curl sees it.
      transport.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = new BufferedInputStream(transport.getInputStream());
      HttpHead response = HttpHead.read(in);
      return new CallEnd(response.status(), CallEnd.OK, body(in, response.bodyLength()));
    }

    private static String body(InputStream in, long length) throws IOException {
      int wanted = length < 0 ? BODY : (int) Math.min(length, BODY);
      return new String(in.readNBytes(wanted), StandardCharsets.UTF_8)
          .replaceAll("\\p{Cntrl}+", " ")
          .trim();
    }

    /** Says something, for a proxy says nothing before its client does, and waits for a byte. */
    private CallEnd firstByte(Socket transport) throws IOException {
      transport.getOutputStream().write('\n');
      if (transport.getInputStream().read() < 0) {
        throw new EOFException("closed before the first byte");
      }
      return CallEnd.exit(CallEnd.OK);
    }

    private CallEnd applicationTls(Socket transport) throws IOException {
      stage = Stage.SECURING;
      try (SSLSocket inner =
          applications.identity(ApplicationTls.IDENTITY).simpleClient(transport)) {
        inner.startHandshake();
        stage = Stage.EXCHANGING;
        return http(inner);
      }
    }

    private CallEnd failure(IOException e) {
      if (stage == Stage.CONNECTING || e instanceof ConnectException) {
        return notConnected();
      }
      if (proxied && protocol.speaksHttp()) {
        return stage == Stage.SECURING
            ? CallEnd.connectionFailure()
            : CallEnd.connectionTermination();
      }
      if (e instanceof EOFException) {
        return CallEnd.exit(CallEnd.EMPTY_REPLY);
      }
      if (e instanceof ProtocolException) {
        return CallEnd.exit(CallEnd.RECEIVE_FAILED);
      }
      return CallEnd.exit(
          stage == Stage.SECURING && !proxied ? CallEnd.TLS_FAILED : CallEnd.RECEIVE_FAILED);
    }

    private CallEnd notConnected() {
      return proxied && protocol.speaksHttp()
          ? CallEnd.connectionFailure()
          : CallEnd.exit(proxied ? CallEnd.RECEIVE_FAILED : CallEnd.NOT_CONNECTED);
    }
  }
}
