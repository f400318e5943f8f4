// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A trust manager that requires RFC 5280 path validation at the time of the injected clock, and an
 * identity of the mesh.
 */
final class MeshTrust extends X509ExtendedTrustManager {
  private final X509Certificate root;
  private final String trustDomain;
  private final Clock clock;

  MeshTrust(X509Certificate root, String trustDomain, Clock clock) {
    this.root = root;
    this.trustDomain = trustDomain;
    this.clock = clock;
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    try {
      PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(clock.instant()));
      List<X509Certificate> path =
          Arrays.stream(chain).filter(certificate -> !certificate.equals(root)).toList();
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    } catch (GeneralSecurityException e) {
      throw new CertificateException("not issued by this mesh", e);
    }
    SpiffeId peer =
        SpiffeId.of(chain[0])
            .orElseThrow(() -> new CertificateException("carries no SPIFFE identity"));
    if (!peer.trustDomain().equals(trustDomain)) {
      throw new CertificateException(peer + " is not of trust domain " + trustDomain);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[] {root};
  }
}
