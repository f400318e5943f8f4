// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static io.mtlsmigration.mesh.MtlsMode.DISABLE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Worlds;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a stand-in proxy does, seen by clients of the tests' own. */
final class ServerProxyTest {

  private static final String KEEP_ALIVE = "GET / HTTP/1.1\r\nHost: httpbin\r\n\r\n";
  private static final ServerPort HTTPBIN =
      new ServerPort("foo", "httpbin", 8080, PortProtocol.HTTP);

  private final Stage stage = Stage.of(Worlds.task());
  private Listeners.Lease lease;
  private Socket socket;

  @BeforeEach
  void connect() throws IOException {
    lease = stage.sandbox.listeners().lease(HTTPBIN);
    socket = new Socket(lease.address().getAddress(), lease.address().getPort());
    socket.setSoTimeout(5_000);
  }

  @AfterEach
  void stop() throws IOException {
    socket.close();
    lease.close();
    stage.close();
  }

  private WorkloadIdentity identity(CertificateAuthority authority) {
    return authority.identity(new SpiffeId("cluster.local", "bar", "curl"));
  }

  private static int get(Socket transport) throws IOException {
    transport.getOutputStream().write(KEEP_ALIVE.getBytes(StandardCharsets.US_ASCII));
    InputStream in = new BufferedInputStream(transport.getInputStream());
    HttpHead head = HttpHead.read(in);
    in.skipNBytes(head.bodyLength());
    return head.status();
  }

  @Test
  void provesItsServiceAccountInMutualTls() throws IOException {
    stage.create("foo", STRICT);
    SSLSocket tls =
        identity(stage.sandbox.authority()).mutualClient(socket, WorkloadIdentity.ISTIO_ALPN);

    tls.startHandshake();

    assertEquals(
        Optional.of(new SpiffeId("cluster.local", "foo", "default")), WorkloadIdentity.peer(tls));
    assertEquals("TLSv1.3", tls.getSession().getProtocol());
    assertEquals(WorkloadIdentity.ISTIO_ALPN, tls.getApplicationProtocol());
    assertEquals(200, get(tls));
  }

  @Test
  void refusesAClientOfAnotherAuthority() {
    WorkloadIdentity stranger = identity(new CertificateAuthority(stage.clock));

    // The client finds out first: the server's chain does not lead to its root.
    assertThrows(
        SSLException.class,
        () -> stranger.mutualClient(socket, WorkloadIdentity.ISTIO_ALPN).startHandshake());
  }

  @Test
  void refusesACertificateThatItsOwnRootDidNotSign() throws Exception {
    CertificateAuthority other = new CertificateAuthority(stage.clock);
    WorkloadIdentity forged =
        identity(other).trusting(stage.sandbox.authority().root(), "cluster.local", stage.clock);
    SSLSocket tls = forged.mutualClient(socket, WorkloadIdentity.ISTIO_ALPN);

    assertThrows(
        IOException.class,
        () -> {
          tls.startHandshake();
          get(tls);
        });
  }

  @Test
  void refusesAClientOfAnotherTrustDomain() throws IOException {
    SSLSocket tls =
        stage
            .sandbox
            .authority()
            .identity(new SpiffeId("elsewhere", "bar", "curl"))
            .trusting(stage.sandbox.authority().root(), "cluster.local", stage.clock)
            .mutualClient(socket, WorkloadIdentity.ISTIO_ALPN);

    assertThrows(
        IOException.class,
        () -> {
          tls.startHandshake();
          get(tls);
        });
  }

  @Test
  void asksAStrictClientForItsCertificate() throws IOException {
    stage.create("foo", STRICT);
    SSLSocket tls = identity(stage.sandbox.authority()).simpleClient(socket);

    assertThrows(
        IOException.class,
        () -> {
          tls.startHandshake();
          get(tls);
        });
  }

  @Test
  void resetsPlaintextBeforeTheFirstByteOfAnAnswer() throws IOException {
    stage.create("foo", STRICT);
    socket.getOutputStream().write(KEEP_ALIVE.getBytes(StandardCharsets.US_ASCII));

    SocketException reset =
        assertThrows(SocketException.class, () -> socket.getInputStream().read());

    assertTrue(reset.getMessage().contains("reset"), reset.getMessage());
  }

  @Test
  void speaksNoTlsWhenDisabled() {
    stage.create("foo", DISABLE);

    assertThrows(
        SSLException.class,
        () ->
            identity(stage.sandbox.authority())
                .mutualClient(socket, WorkloadIdentity.ISTIO_ALPN)
                .startHandshake());
  }

  @Test
  void drainsAPlaintextConnectionAtOnceWhenStrictArrives() throws IOException {
    assertEquals(200, get(socket));
    assertEquals(200, get(socket));
    stage.create("foo", STRICT);

    assertThrows(EOFException.class, () -> get(socket));
  }

  @Test
  void keepsAMutualTlsConnectionWhenStrictArrives() throws IOException {
    SSLSocket tls =
        identity(stage.sandbox.authority()).mutualClient(socket, WorkloadIdentity.ISTIO_ALPN);
    assertEquals(200, get(tls));
    stage.create("foo", STRICT);

    assertEquals(200, get(tls));
  }

  @Test
  void answersABadRequestWithoutWaitingForMore() throws IOException {
    socket.getOutputStream().write("\u0001garbage".getBytes(StandardCharsets.US_ASCII));

    assertEquals(400, HttpHead.read(socket.getInputStream()).status());
  }

  @Test
  void knowsAStrangerByAddressAlone() throws IOException {
    get(socket);

    stage.clock.advance(java.time.Duration.ofSeconds(10));
    var edges = stage.measured("foo", java.time.Duration.ofSeconds(10)).edges();
    assertEquals(1, edges.size());
    assertEquals("127.0.0.1", edges.get(0).client().id());
  }

  @Test
  void resetsConnectionsToAPodThatIsGone() throws IOException {
    Pod pod = stage.pod("foo/httpbin");
    stage.sandbox.happen(new ScenarioEvent.Action.Delete(pod.ref()));

    try (Socket late = new Socket(lease.address().getAddress(), lease.address().getPort())) {
      late.setSoTimeout(5_000);
      assertThrows(IOException.class, () -> get(late));
    }
  }

  @Test
  void goesByThePolicyThatWins() throws IOException {
    stage.create("istio-system", STRICT);
    stage
        .sandbox
        .policyWriter()
        .apply(
            stage.creation(
                "foo", PeerAuthentication.Spec.of(io.mtlsmigration.mesh.MtlsMode.PERMISSIVE)),
            false);

    assertEquals(200, get(socket));
  }
}
