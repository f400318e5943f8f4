// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The key of this process, and the certificate by which other replicas authenticate it. Both are
 * created at the start and end with the process; the key is never written anywhere.
 */
final class ReplicaKey {

  static final String TLS = "TLSv1.3";

  private static final X500Name NAME = new X500Name("CN=mtls-migration replica");

  /** Longer than a process lives, and than the clocks of two nodes differ. */
  private static final Duration LIFETIME = Duration.ofDays(3650);

  private final KeyPair keys;
  private final X509Certificate certificate;

  /**
   * Creates a key.
   *
   * @param host address or name that the others call; IPv6 without brackets
   */
  ReplicaKey(String host, Clock clock) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      this.keys = generator.generateKeyPair();
      this.certificate = certificate(keys, host, clock.instant());
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  private static X509Certificate certificate(KeyPair keys, String host, Instant now)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    boolean address = host.contains(":") || host.matches("[0-9.]+");
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    NAME,
                    BigInteger.ONE,
                    Date.from(now.minus(LIFETIME)),
                    Date.from(now.plus(LIFETIME)),
                    NAME,
                    keys.getPublic())
                .addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(
                        new GeneralName(
                            address ? GeneralName.iPAddress : GeneralName.dNSName, host)))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }

  /** Returns the certificate as in {@link ReplicaAddress#certificate()}. */
  String certificate() {
    try {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("it was made from its bytes", e);
    }
  }

  /** Returns key and certificate for a server, as PKCS #12. */
  byte[] store(String password) {
    char[] secret = password.toCharArray();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("replica", keys.getPrivate(), secret, new Certificate[] {certificate});
      store.store(bytes, secret);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("a key store in memory can be written", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Returns a context that trusts only the server that holds the key of this certificate.
   *
   * @throws GeneralSecurityException when it is no certificate
   */
  static SSLContext trusting(String certificate) throws GeneralSecurityException, IOException {
    byte[] der = Base64.getUrlDecoder().decode(certificate);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(
        "leader",
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance(TLS);
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
