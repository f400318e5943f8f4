package io.mtlsmigration.plan;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over lines. */
public final class Digest {

  private final MessageDigest sha256;

  public Digest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      // Every Java platform has it (java.security.MessageDigest).
      throw new IllegalStateException(e);
    }
  }

  /** Fields are set apart by characters that no Kubernetes name or label holds. */
  public void line(Object... fields) {
    for (Object field : fields) {
      sha256.update(field.toString().getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) 0);
    }
    sha256.update((byte) '\n');
  }

  /** In lower case, 64 digits; ends the digest. */
  public String hex() {
    return HexFormat.of().formatHex(sha256.digest());
  }
}
