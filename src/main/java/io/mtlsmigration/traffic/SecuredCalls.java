package io.mtlsmigration.traffic;

/**
 * Calls to servers within some time, by how their connections were secured: HTTP and gRPC requests,
 * and TCP connections that were opened. The service's own probes are left out by a source that
 * knows each call; one that only counts has them in its numbers, from which nothing is ever taken.
 *
 * @param unknown calls of which the source does not say how they were secured
 * @param ownMutualTls own probes among those by mutual TLS, as far as this process made them
 * @param ownPlaintext the same in plaintext
 */
public record SecuredCalls(
    long mutualTls, long plaintext, long unknown, long ownMutualTls, long ownPlaintext) {

  /** Of which none was the service's own. */
  public SecuredCalls(long mutualTls, long plaintext, long unknown) {
    this(mutualTls, plaintext, unknown, 0, 0);
  }

  public long all() {
    return mutualTls + plaintext + unknown;
  }
}
