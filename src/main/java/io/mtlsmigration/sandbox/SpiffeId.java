// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Pod;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The identity of a service account in Istio: {@code spiffe://TRUST_DOMAIN/ns/NS/sa/SA}. */
record SpiffeId(String trustDomain, String namespace, String serviceAccount) {

  /** The type {@code uniformResourceIdentifier} of a {@code GeneralName} (RFC 5280, 4.2.1.6). */
  private static final int URI_NAME = 6;

  private static final Pattern FORM = Pattern.compile("spiffe://([^/]+)/ns/([^/]+)/sa/([^/]+)");

  static SpiffeId of(Pod pod, String trustDomain) {
    String account = pod.serviceAccount().isEmpty() ? "default" : pod.serviceAccount();
    return new SpiffeId(trustDomain, pod.namespace(), account);
  }

  /** Returns the identity in a certificate; empty when it has none or several. */
  static Optional<SpiffeId> of(X509Certificate certificate) throws CertificateParsingException {
    var names = certificate.getSubjectAlternativeNames();
    if (names == null) {
      return Optional.empty();
    }
    List<String> uris =
        names.stream()
            .filter(name -> Integer.valueOf(URI_NAME).equals(name.get(0)))
            .map(name -> String.valueOf(name.get(1)))
            .toList();
    return uris.size() == 1 ? parse(uris.get(0)) : Optional.empty();
  }

  static Optional<SpiffeId> parse(String uri) {
    Matcher form = FORM.matcher(uri);
    return form.matches()
        ? Optional.of(new SpiffeId(form.group(1), form.group(2), form.group(3)))
        : Optional.empty();
  }

  /** Returns the URI. */
  @Override
  public String toString() {
    return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
  }
}
