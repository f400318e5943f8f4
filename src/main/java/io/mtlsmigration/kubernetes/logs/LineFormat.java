// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.traffic.LineLoss;
import java.time.Instant;
import java.util.Optional;

/** The access log format of one kind of proxy. An entry is a line without the kubelet's time. */
interface LineFormat {

  /**
   * Returns whether the entry is about a connection, refused or not, in a format in which a refusal
   * would be told: then the log is on.
   */
  boolean tellsOfAConnection(String entry);

  /** Returns the refusal in an entry; empty when STRICT refused nothing. */
  Optional<RefusalLine> refusal(Instant at, String entry);

  /**
   * Returns the plaintext call in an entry. Empty when the entry does not prove one: it is of
   * mutual TLS, or of a call of the pod itself, or in a format that leaves out the difference.
   */
  Optional<PlaintextLine> plaintext(Instant at, String entry);

  /**
   * Returns why an entry without {@link #plaintext} may still be of plaintext: it does not say
   * whose it was, or which connection. Empty when it is of none.
   */
  Optional<LineLoss> doubt(String entry);

  /**
   * Returns why an entry without {@link #refusal} may still be of one: it cannot be read. Empty
   * when it is of none.
   */
  default Optional<LineLoss> doubtOfRefusal(String entry) {
    return Optional.empty();
  }
}
