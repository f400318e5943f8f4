package io.mtlsmigration.app;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The key of this process, by which other replicas know it. It is made at the start, is never
 * written anywhere and ends with the process; its certificate only carries it, and says nothing
 * that anybody looks at.
 */
final class ReplicaKey {

  static final String TLS = "TLSv1.3";

  private static final X500Name NAME = new X500Name("CN=mtls-migration replica");
  private static final Duration LIFETIME = Duration.ofDays(3650);

  private final KeyPair keys;
  private final X509Certificate certificate;

  ReplicaKey(Clock clock) {
    Instant now = clock.instant();
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      this.keys = generator.generateKeyPair();
      this.certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  new JcaX509v3CertificateBuilder(
                          NAME,
                          BigInteger.ONE,
                          Date.from(now.minus(LIFETIME)),
                          Date.from(now.plus(LIFETIME)),
                          NAME,
                          keys.getPublic())
                      .build(
                          new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  /** As in {@link ReplicaAddress#key()}. */
  String fingerprint() {
    return fingerprint(keys.getPublic());
  }

  private static String fingerprint(PublicKey key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Key and certificate for a server, as PKCS #12. */
  byte[] store(String password) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "replica", keys.getPrivate(), password.toCharArray(), new Certificate[] {certificate});
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      store.store(bytes, password.toCharArray());
      return bytes.toByteArray();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("a key store in memory can be written", e);
    }
  }

  /** Trusts the server that holds the key with this fingerprint, and no other. */
  static SSLContext trusting(String fingerprint) {
    try {
      SSLContext context = SSLContext.getInstance(TLS);
      context.init(null, new TrustManager[] {new Holder(fingerprint)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + TLS, e);
    }
  }

  /** The handshake proves that the server holds the key; whose it is, the fingerprint says. */
  private static final class Holder extends X509ExtendedTrustManager {

    private final String fingerprint;

    Holder(String fingerprint) {
      this.fingerprint = fingerprint;
    }

    private void demand(X509Certificate[] chain) throws CertificateException {
      if (chain.length == 0 || !fingerprint.equals(fingerprint(chain[0].getPublicKey()))) {
        throw new CertificateException("another key than the one in the Lease");
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      demand(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket)
        throws CertificateException {
      demand(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
        throws CertificateException {
      demand(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      throw new CertificateException("clients show tokens");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket)
        throws CertificateException {
      checkClientTrusted(chain, kind);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
        throws CertificateException {
      checkClientTrusted(chain, kind);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
