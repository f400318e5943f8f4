package io.mtlsmigration.kubernetes.logs;

import java.time.Instant;
import java.util.Optional;

/** How one kind of proxy writes its access log. An entry is a line without the kubelet's time. */
interface LineFormat {

  /** Whether the entry tells of a connection, refused or not: somebody logs then. */
  boolean tellsOfAConnection(String entry);

  /** Empty when the entry tells of no refusal by STRICT. */
  Optional<RefusalLine> refusal(Instant at, String entry);
}
