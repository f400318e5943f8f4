// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address where a replica answers the others, and the certificate by which they authenticate
 * it. In the Lease it is {@code https://HOST:PORT#CERTIFICATE}.
 *
 * @param authority host and port, as in a URL
 * @param certificate DER, in URL-safe base64
 */
record ReplicaAddress(String authority, String certificate) {

  private static final Pattern PUBLISHED =
      Pattern.compile(
          "https://((?:[0-9A-Za-z.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]):[0-9]{1,5})"
              + "#([0-9A-Za-z_-]{1,2000})");

  /**
   * Parses a published address; empty when it has no certificate, since the server could not be
   * authenticated.
   */
  static Optional<ReplicaAddress> read(String published) {
    Matcher parts = PUBLISHED.matcher(published);
    return parts.matches()
        ? Optional.of(new ReplicaAddress(parts.group(1), parts.group(2)))
        : Optional.empty();
  }

  String published() {
    return "https://" + authority + "#" + certificate;
  }

  /**
   * Returns the URI of a resource there.
   *
   * @param target path and query, encoded
   */
  URI at(String target) {
    return URI.create("https://" + authority + target);
  }
}
