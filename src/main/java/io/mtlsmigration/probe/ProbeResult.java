// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import java.time.Duration;
import java.util.List;

/** The result of one probe. */
public sealed interface ProbeResult {

  /** What a call shows of its server, beside the codes. */
  enum Sign {
    NONE,

    /**
     * The server is known to have accepted the connection, whatever curl reported: it spoke another
     * protocol, or kept the connection open without an answer.
     */
    TAKEN,

    /** The client's own proxy has made the answer: none of a server came through it. */
    CLIENTS_PROXY,

    /**
     * The connection was closed without a byte and without an error. Servers do that which
     * understand nothing, and proxies that refuse, where no reset gets through (Envoy before 1.29,
     * ztunnel).
     */
    CLOSED
  }

  /**
   * The client ran to its end.
   *
   * @param httpCode 0 when there was no HTTP response
   * @param exitCode curl's exit code
   * @param body the first bytes of the body, printable
   * @param sign of the server, beside the codes
   */
  record Completed(int httpCode, int exitCode, String body, Duration latency, Sign sign)
      implements ProbeResult {

    /** A result that is judged by its codes alone. */
    public Completed(int httpCode, int exitCode, String body, Duration latency) {
      this(httpCode, exitCode, body, latency, Sign.NONE);
    }

    /**
     * Returns the outcome.
     *
     * @param meshClient true when the client has a proxy, which may answer without the server
     */
    public ProbeOutcome outcome(boolean meshClient) {
      return switch (sign) {
        case TAKEN -> ProbeOutcome.OK;
        case CLIENTS_PROXY -> ProbeOutcome.ofProxy(httpCode, body);
        case CLOSED, NONE -> ProbeOutcome.classify(httpCode, exitCode, body, meshClient);
      };
    }

    /** Returns whether the client's own proxy has answered, which says nothing of the server. */
    boolean showsNothing() {
      return sign == Sign.CLIENTS_PROXY && outcome(true) == ProbeOutcome.SKIPPED;
    }

    /** Returns the same, where nothing tells answers of proxies from those of servers. */
    private Completed byAnybody() {
      return sign == Sign.CLIENTS_PROXY
          ? new Completed(httpCode, exitCode, body, latency, Sign.NONE)
          : this;
    }

    private int rank(boolean meshClient) {
      return 2 * outcome(meshClient).rank() + (sign == Sign.CLOSED ? 1 : 0);
    }
  }

  /**
   * Several calls to one Service, each to an endpoint that the client's proxy chose.
   *
   * @param calls in the order in which they were made; at least one
   */
  record Several(List<Completed> calls) implements ProbeResult {
    public Several {
      calls = List.copyOf(calls);
      if (calls.isEmpty()) {
        throw new IllegalArgumentException("no call was made");
      }
    }

    /** Returns the call that decides the outcome: the worst, or the slowest of equal ones. */
    public Completed worst(boolean meshClient) {
      Completed worst = calls.getFirst();
      for (Completed call : calls) {
        int worse = call.rank(meshClient) - worst.rank(meshClient);
        if (worse > 0 || (worse == 0 && call.latency().compareTo(worst.latency()) > 0)) {
          worst = call;
        }
      }
      return worst;
    }

    /** Returns the number of calls that did not get through. */
    public long failed(boolean meshClient) {
      return calls.stream().filter(c -> c.outcome(meshClient) != ProbeOutcome.OK).count();
    }
  }

  /** Returns the same result, where nothing tells answers of proxies from those of servers. */
  default ProbeResult ofAnybody() {
    return switch (this) {
      case Completed one -> one.byAnybody();
      case Several(var calls) -> new Several(calls.stream().map(Completed::byAnybody).toList());
      case NotPossible not -> not;
      case NeverMade never -> never;
    };
  }

  /** The probe could not be made; this says nothing about the server. */
  record NotPossible(String reason) implements ProbeResult {}

  /** Such a probe is never made. */
  record NeverMade(String reason) implements ProbeResult {}
}
