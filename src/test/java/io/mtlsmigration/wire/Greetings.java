// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** What a TLS client really says first: the JDK's own. */
public final class Greetings {

  /** As Istio's client proxies offer it (Istio, pilot/pkg/networking/util, ALPNInMeshWithMxc). */
  public static final List<String> ISTIO = List.of("istio-peer-exchange", "istio");

  private Greetings() {}

  /** What one of Istio's proxies says. */
  public static byte[] istio(String serverName) {
    return hello(serverName, ISTIO.toArray(String[]::new));
  }

  /** The bytes of a ClientHello that asks for a server by name and offers these protocols. */
  public static byte[] hello(String serverName, String... protocols) {
    try {
      SSLEngine client = SSLContext.getDefault().createSSLEngine();
      client.setUseClientMode(true);
      SSLParameters parameters = client.getSSLParameters();
      // The JDK wants names without the underscores of Istio's.
      byte[] plain = serverName.replace('_', 'x').getBytes(US_ASCII);
      parameters.setServerNames(List.of(new SNIHostName(plain)));
      parameters.setApplicationProtocols(protocols);
      client.setSSLParameters(parameters);
      ByteBuffer record = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
      client.wrap(ByteBuffer.allocate(0), record);
      String hello = new String(record.array(), 0, record.position(), ISO_8859_1);
      return hello.replace(new String(plain, US_ASCII), serverName).getBytes(ISO_8859_1);
    } catch (NoSuchAlgorithmException | SSLException e) {
      throw new IllegalStateException(e);
    }
  }
}
