package io.mtlsmigration.traffic;

import java.time.Instant;
import java.util.List;

/**
 * What servers' proxies say of the connections that they refused: a closed set, so that nobody
 * takes accounts that could not be read for accounts that hold no refusal. What is known of counts
 * in each of them, for a refusal is positive evidence.
 */
public sealed interface Refusals {

  /** In no particular order; own probes among them. */
  List<Refusal> seen();

  /**
   * Every proxy's account was read.
   *
   * @param from nothing is missing that was refused from then on
   * @param asOf until then
   */
  record Read(List<Refusal> seen, Instant from, Instant asOf) implements Refusals {
    public Read {
      seen = List.copyOf(seen);
    }
  }

  /**
   * Every proxy's account was read, and those of some servers hold no connection at all: nobody
   * called, or nothing is logged there. Such an account says nothing of refusals.
   *
   * @param servers whose accounts are empty, at least one
   */
  record Silent(List<Refusal> seen, Instant from, Instant asOf, List<String> servers)
      implements Refusals {
    public Silent {
      seen = List.copyOf(seen);
      servers = List.copyOf(servers);
    }
  }

  /**
   * Some account was not read.
   *
   * @param detail whose, and what to do about it
   */
  record Unreadable(List<Refusal> seen, Reason reason, String detail) implements Refusals {
    public Unreadable {
      seen = List.copyOf(seen);
    }
  }

  /** Why an account was not read. */
  enum Reason {
    /** The source tells of no refusals. */
    NOT_CONFIGURED,
    NOT_READ_YET,
    NOT_PERMITTED,
    SOURCE_DOWN,
    /** Nobody knows which proxy stands before a server. */
    PROXY_UNKNOWN
  }
}
