package io.mtlsmigration.app;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a replica answers the others, and the key by which they know it. In the Lease it is {@code
 * https://HOST:PORT#KEY}.
 *
 * @param host an address, or a name; IPv6 in brackets
 * @param key SHA-256 of the public key (DER of SubjectPublicKeyInfo), in URL-safe base64
 */
record ReplicaAddress(String host, int port, String key) {

  private static final Pattern PUBLISHED =
      Pattern.compile(
          "https://([0-9A-Za-z.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])"
              + ":([0-9]{1,5})#([0-9A-Za-z_-]{43})");

  /** Empty for whatever does not name a key: there nobody knows who listens. */
  static Optional<ReplicaAddress> read(String published) {
    Matcher parts = PUBLISHED.matcher(published);
    return parts.matches()
        ? Optional.of(
            new ReplicaAddress(parts.group(1), Integer.parseInt(parts.group(2)), parts.group(3)))
        : Optional.empty();
  }

  String published() {
    return "https://" + host + ":" + port + "#" + key;
  }

  /**
   * A resource there.
   *
   * @param target path and query, encoded
   */
  URI at(String target) {
    return URI.create("https://" + host + ":" + port + target);
  }
}
