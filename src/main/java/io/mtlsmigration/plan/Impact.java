package io.mtlsmigration.plan;

import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Reach;
import java.util.List;

/**
 * What-if: every known client → port now and after the changes.
 *
 * @param subject the namespace, or {@code mesh}
 * @param hash SHA-256 in hex over what a person consents to: clients that will be refused, by name
 *     and server port, and the exact writes; approvals refer to it
 */
public record Impact(String subject, List<Flow> flows, List<PolicyChange> changes, String hash) {
  public Impact {
    flows = List.copyOf(flows);
    changes = List.copyOf(changes);
  }

  /**
   * One client workload calling one endpoint.
   *
   * @param from {@code namespace/workload}, an address or {@code unknown}; in a large mesh also
   *     {@code namespace/*} or {@code *} for possible clients that fare alike
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

  /** How a client is known. */
  public enum Basis {
    OBSERVED,
    PROBE,
    POSSIBLE
  }
}
