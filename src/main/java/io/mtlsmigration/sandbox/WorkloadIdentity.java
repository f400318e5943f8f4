// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A service account's key and certificate, with TLS 1.3. Peers are trusted when their chain leads
 * to the mesh's root and they prove an identity of the mesh's trust domain; host names do not
 * matter, as between sidecars.
 */
final class WorkloadIdentity {

  /** The ALPN that Istio's proxies offer and require between each other. */
  static final String ISTIO_ALPN = "istio";

  /**
   * The ALPN of a tunnel's clients. On the wire it would be {@code h2} to port 15008; here one
   * listener stands for both ports, so the tunnel needs a name that no application offers.
   */
  static final String TUNNEL_ALPN = "hbone";

  private final SpiffeId id;
  private final PrivateKey key;
  private final X509Certificate certificate;
  private final SSLContext withCertificate;
  private final SSLContext withoutCertificate;

  WorkloadIdentity(
      SpiffeId id, PrivateKey key, X509Certificate certificate, X509Certificate root, Clock clock) {
    this(id, key, certificate, new MeshTrust(root, id.trustDomain(), clock));
  }

  private WorkloadIdentity(
      SpiffeId id, PrivateKey key, X509Certificate certificate, MeshTrust trust) {
    this.id = id;
    this.key = key;
    this.certificate = certificate;
    TrustManager[] trusted = {trust};
    this.withCertificate = context(new KeyManager[] {new OneKey(key, certificate)}, trusted);
    this.withoutCertificate = context(new KeyManager[0], trusted);
  }

  /** Returns the same key and certificate in a program that trusts another mesh. */
  WorkloadIdentity trusting(X509Certificate root, String trustDomain, Clock clock) {
    return new WorkloadIdentity(id, key, certificate, new MeshTrust(root, trustDomain, clock));
  }

  X509Certificate certificate() {
    return certificate;
  }

  /** Returns the client's end of mutual TLS over a connected socket. */
  SSLSocket mutualClient(Socket connected, String alpn) throws IOException {
    return client(withCertificate, connected, alpn);
  }

  /** Returns the client's end of one-sided TLS ({@code SIMPLE}), without a certificate. */
  SSLSocket simpleClient(Socket connected) throws IOException {
    return client(withoutCertificate, connected, null);
  }

  private static SSLSocket client(SSLContext context, Socket connected, @Nullable String alpn)
      throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(
                    connected,
                    connected.getInetAddress().getHostAddress(),
                    connected.getPort(),
                    true);
    socket.setUseClientMode(true);
    if (alpn != null) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {alpn});
      socket.setSSLParameters(parameters);
    }
    return socket;
  }

  /**
   * Returns the server's end.
   *
   * @param consumed bytes that were read off the connection already
   * @param mutual whether the client has to show a certificate
   */
  SSLSocket server(Socket accepted, InputStream consumed, boolean mutual) throws IOException {
    SSLSocket socket =
        (SSLSocket) withCertificate.getSocketFactory().createSocket(accepted, consumed, true);
    socket.setUseClientMode(false);
    socket.setNeedClientAuth(mutual);
    socket.setHandshakeApplicationProtocolSelector(
        (ssl, offered) ->
            offered.contains(ISTIO_ALPN)
                ? ISTIO_ALPN
                : offered.contains(TUNNEL_ALPN) ? TUNNEL_ALPN : "");
    return socket;
  }

  /** Returns the peer's identity after a handshake; empty when it showed no certificate. */
  static Optional<SpiffeId> peer(SSLSocket socket) throws IOException {
    try {
      return SpiffeId.of((X509Certificate) socket.getSession().getPeerCertificates()[0]);
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    } catch (CertificateException e) {
      throw new IOException("unreadable certificate", e);
    }
  }

  private static SSLContext context(KeyManager[] keys, TrustManager[] trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(keys, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS 1.3", e);
    }
  }
}
