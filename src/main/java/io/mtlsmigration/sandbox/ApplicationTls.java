// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS between applications. The mesh trusts none of its certificates, and clients verify none, as
 * with {@code curl --insecure}: so a failure is caused by the mesh.
 */
final class ApplicationTls {

  /** The identity of all applications. */
  private static final SpiffeId SERVER = new SpiffeId("application.invalid", "none", "none");

  private final CertificateAuthority authority;
  private final SSLContext clients;

  ApplicationTls(Clock clock) {
    this.authority = new CertificateAuthority(clock);
    try {
      this.clients = SSLContext.getInstance("TLSv1.3");
      this.clients.init(new KeyManager[0], new TrustManager[] {new AnyServer()}, null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS 1.3", e);
    }
  }

  /** Returns the client's end over a transport. */
  SSLSocket client(Socket transport) throws IOException {
    SSLSocket socket =
        (SSLSocket) clients.getSocketFactory().createSocket(transport, "application", 443, true);
    socket.setUseClientMode(true);
    return socket;
  }

  /** Returns the server's end; {@code in} delivers the connection from its first byte on. */
  SSLSocket server(Socket transport, InputStream in) throws IOException {
    return authority.identity(SERVER).server(transport, in, false);
  }

  private static final class AnyServer extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
