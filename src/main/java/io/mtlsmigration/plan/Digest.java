// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.PeerAuthentication;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A SHA-256 digest, most often over lines. */
public final class Digest {

  private final MessageDigest sha256;

  public Digest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      // Every Java platform provides SHA-256 (java.security.MessageDigest).
      throw new IllegalStateException(e);
    }
  }

  /** Returns the digest of bytes in lower case, 64 digits. */
  public static String of(byte[] bytes) {
    Digest digest = new Digest();
    digest.sha256.update(bytes);
    return digest.hex();
  }

  /** Adds a line. Fields are separated by characters that no Kubernetes name or label contains. */
  public void line(Object... fields) {
    for (Object field : fields) {
      sha256.update(field.toString().getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) 0);
    }
    sha256.update((byte) '\n');
  }

  /**
   * Returns the hash of a wave, by which it is approved: the same for the service and for its
   * clients of other versions.
   *
   * @param impacts the hash of each namespace's impact, in the order of the wave
   */
  public static String ofWave(SequencedMap<String, String> impacts) {
    Digest digest = new Digest();
    impacts.forEach(
        (namespace, hash) ->
            digest.sha256.update((namespace + "=" + hash + "\n").getBytes(StandardCharsets.UTF_8)));
    return digest.hex();
  }

  /** Returns a spec with its maps in an order that is the same in each process. */
  public static String words(PeerAuthentication.@Nullable Spec spec) {
    return spec == null
        ? "none"
        : "%s %s %s"
            .formatted(
                new TreeMap<>(spec.selector()), spec.mode(), new TreeMap<>(spec.portModes()));
  }

  /** Ends the digest and returns it in lower case, 64 digits. */
  public String hex() {
    return HexFormat.of().formatHex(sha256.digest());
  }
}
