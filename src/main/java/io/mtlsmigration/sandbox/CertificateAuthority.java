// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority in memory, like istiod's: a self-signed root, and a workload certificate
 * for each service account that speaks TLS. Keys are created when first needed, so that a mesh of
 * ten thousand namespaces starts with one.
 */
final class CertificateAuthority {

  /** Longer than any sandbox runs; its identities end with the process. */
  private static final Duration LIFETIME = Duration.ofDays(3650);

  /** The time by which certificates are backdated, since clocks of tests step back. */
  private static final Duration BACKDATED = Duration.ofDays(1);

  private static final X500Name ISSUER = new X500Name("O=mtls-migration sandbox");

  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final KeyPair keys;
  private final X509Certificate root;
  private final Map<SpiffeId, WorkloadIdentity> identities = new ConcurrentHashMap<>();

  CertificateAuthority(Clock clock) {
    this.clock = clock;
    this.keys = newKeys();
    this.root = selfSigned();
  }

  X509Certificate root() {
    return root;
  }

  /** Returns the identity of a service account, with its key and certificate. */
  WorkloadIdentity identity(SpiffeId id) {
    return identities.computeIfAbsent(id, this::issue);
  }

  private WorkloadIdentity issue(SpiffeId id) {
    KeyPair own = newKeys();
    // Istio leaves the subject empty, and so the alternative name has to be critical (RFC 5280).
    JcaX509v3CertificateBuilder builder =
        builder(new X500Name(new org.bouncycastle.asn1.x500.RDN[0]), own.getPublic());
    try {
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(
              Extension.keyUsage,
              true,
              new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment))
          .addExtension(
              Extension.extendedKeyUsage,
              false,
              new ExtendedKeyUsage(
                  new KeyPurposeId[] {
                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                  }))
          .addExtension(
              Extension.subjectAlternativeName,
              true,
              new GeneralNames(
                  new GeneralName(GeneralName.uniformResourceIdentifier, id.toString())));
    } catch (IOException e) {
      throw new IllegalStateException("cannot encode the extensions of " + id, e);
    }
    return new WorkloadIdentity(
        id, own.getPrivate(), sign(builder, keys.getPrivate()), root, clock);
  }

  private X509Certificate selfSigned() {
    JcaX509v3CertificateBuilder builder = builder(ISSUER, keys.getPublic());
    try {
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
    } catch (IOException e) {
      throw new IllegalStateException("cannot encode the extensions of the root", e);
    }
    return sign(builder, keys.getPrivate());
  }

  private JcaX509v3CertificateBuilder builder(X500Name subject, PublicKey key) {
    Instant now = clock.instant();
    return new JcaX509v3CertificateBuilder(
        ISSUER,
        new BigInteger(120, random),
        Date.from(now.minus(BACKDATED)),
        Date.from(now.plus(LIFETIME)),
        subject,
        key);
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign with ECDSA", e);
    }
  }

  private KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }
}
