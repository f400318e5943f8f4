// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Instant;
import java.util.List;

/**
 * The accounts of servers' proxies of the connections that they refused. Closed set, so that
 * accounts that could not be read are not taken for accounts without a refusal. Known refusals
 * count in each case, because a refusal is positive evidence.
 */
public sealed interface Refusals {

  /** Returns the known refusals in no particular order, including own probes. */
  List<Refusal> seen();

  /**
   * Every proxy's account was read.
   *
   * @param from no refusal from then on is missing
   * @param asOf the end of the time that was read
   * @param before why refusals before {@code from} may be missing; empty when there is no more to
   *     say
   */
  record Read(List<Refusal> seen, Instant from, Instant asOf, String before) implements Refusals {
    public Read {
      seen = List.copyOf(seen);
    }

    public Read(List<Refusal> seen, Instant from, Instant asOf) {
      this(seen, from, asOf, "");
    }
  }

  /**
   * Every proxy's account was read, and those of some servers contain no connection at all: nobody
   * called, or nothing is logged there. Such an account says nothing about refusals.
   *
   * @param servers servers whose accounts are empty, at least one
   * @param before see {@link Read}
   */
  record Silent(List<Refusal> seen, Instant from, Instant asOf, List<String> servers, String before)
      implements Refusals {
    public Silent {
      seen = List.copyOf(seen);
      servers = List.copyOf(servers);
    }
  }

  /**
   * Some account was not read.
   *
   * @param detail whose account it is, and what to do
   */
  record Unreadable(List<Refusal> seen, Reason reason, String detail) implements Refusals {
    public Unreadable {
      seen = List.copyOf(seen);
    }
  }

  /** The reason why an account was not read. */
  enum Reason {
    /** The source does not report refusals. */
    NOT_CONFIGURED,
    NOT_READ_YET,
    NOT_PERMITTED,
    SOURCE_DOWN,
    /** The proxy in front of a server is unknown. */
    PROXY_UNKNOWN
  }
}
