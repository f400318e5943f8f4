package io.mtlsmigration.kubernetes.logs;

import java.time.Instant;
import java.util.Optional;

/** How one kind of proxy writes its access log. An entry is a line without the kubelet's time. */
interface LineFormat {

  /** Whether the entry tells of a connection, refused or not: somebody logs then. */
  boolean tellsOfAConnection(String entry);

  /** Empty when the entry tells of no refusal by STRICT. */
  Optional<RefusalLine> refusal(Instant at, String entry);

  /**
   * Empty when the entry does not say, beyond doubt, that a call came in as plaintext: one of
   * mutual TLS, one that the pod makes itself, or a format that leaves out what tells them apart.
   */
  Optional<PlaintextLine> plaintext(Instant at, String entry);

  /**
   * Whether an entry of which {@link #plaintext} says nothing may tell of plaintext all the same:
   * it does not say whose it was, or which connection.
   */
  boolean doubtful(String entry);
}
