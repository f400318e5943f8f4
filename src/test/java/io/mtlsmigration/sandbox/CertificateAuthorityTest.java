// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.testing.ManualClock;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CertificateAuthorityTest {

  private static final SpiffeId ID = new SpiffeId("cluster.local", "foo", "httpbin");

  private final CertificateAuthority authority =
      new CertificateAuthority(new ManualClock(Stage.START));

  @Test
  void signsTheIdentityOfAServiceAccount() throws Exception {
    var certificate = authority.identity(ID).certificate();

    certificate.verify(authority.root().getPublicKey());
    assertEquals(Optional.of(ID), SpiffeId.of(certificate));
    assertEquals("EC", certificate.getPublicKey().getAlgorithm());
    assertEquals(-1, certificate.getBasicConstraints());
    assertTrue(certificate.getCriticalExtensionOIDs().contains("2.5.29.17"), "subjectAltName");
  }

  @Test
  void makesOneKeyForEachServiceAccount() {
    WorkloadIdentity first = authority.identity(ID);

    assertSame(first, authority.identity(new SpiffeId("cluster.local", "foo", "httpbin")));
    assertNotEquals(
        first.certificate().getPublicKey(),
        authority
            .identity(new SpiffeId("cluster.local", "bar", "httpbin"))
            .certificate()
            .getPublicKey());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://cluster.local/ns/foo",
        "https://cluster.local/ns/foo/sa/bar",
        "spiffe://cluster.local/ns/foo/sa/bar/more",
        "spiffe:///ns/foo/sa/bar",
        ""
      })
  void knowsOnlyIdentitiesOfIstiosForm(String uri) {
    assertEquals(Optional.empty(), SpiffeId.parse(uri));
  }
}
