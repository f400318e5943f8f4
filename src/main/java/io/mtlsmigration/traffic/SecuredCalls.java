package io.mtlsmigration.traffic;

/**
 * Calls to servers within some time, by how their connections were secured: HTTP and gRPC requests,
 * and TCP connections that were opened. The service's own probes are left out as far as the source
 * can tell them apart.
 *
 * @param unknown calls of which the source does not say how they were secured
 */
public record SecuredCalls(long mutualTls, long plaintext, long unknown) {

  public long all() {
    return mutualTls + plaintext + unknown;
  }
}
