// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Reach;
import java.util.List;

/**
 * The impact of changes: every known call from a client to a port, now and afterwards.
 *
 * @param subject the namespace, or {@code mesh}
 * @param hash 64 hexadecimal digits over what a person approves, to which approvals refer: the
 *     first half is of the exact writes and of the clients that will be refused, by name and server
 *     port, and of the terms that it was shown under, the second of the policies of a person that
 *     are taken over (128 bits of SHA-256 each)
 */
public record Impact(String subject, List<Flow> flows, List<PolicyChange> changes, String hash) {
  public Impact {
    flows = List.copyOf(flows);
    changes = List.copyOf(changes);
  }

  /** Returns the impact as it is shown under terms, in words: under others it has another hash. */
  public Impact under(String terms) {
    Digest digest = new Digest();
    digest.line(hash.substring(0, ImpactStudy.HALF), terms);
    String all = digest.hex().substring(0, ImpactStudy.HALF);
    return new Impact(subject, flows, changes, all + hash.substring(ImpactStudy.HALF));
  }

  /**
   * One client workload that calls one endpoint; of pods that fare differently, the worst.
   *
   * @param from {@code namespace/workload}, an address or {@code unknown}; in a large mesh also
   *     {@code namespace/*} or {@code *} for possible clients with the same result, where those of
   *     {@code *} who will be refused are a flow apart
   * @param to {@code namespace/service:port}; the workload's name where no service leads to it
   * @param clientTls what the client sends after the changes
   * @param basis how the client is known: {@code OBSERVED} traffic, a {@code PROBE}, or {@code
   *     POSSIBLE}
   */
  public record Flow(
      String from,
      String to,
      String endpoint,
      ClientTls clientTls,
      Reach now,
      Reach then,
      Basis basis) {
    public boolean breaks() {
      return now == Reach.OK && then == Reach.REFUSED;
    }
  }

  /** The source of a client. */
  public enum Basis {
    OBSERVED,
    PROBE,
    POSSIBLE
  }
}
