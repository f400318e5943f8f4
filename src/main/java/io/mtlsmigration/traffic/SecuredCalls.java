// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

/**
 * Calls to servers within some time, by the security of their connections: HTTP and gRPC requests,
 * and opened TCP connections. A source that knows each call leaves out the service's own probes;
 * one that only counts includes them, and nothing is ever subtracted.
 *
 * @param unknown calls whose security the source does not report
 * @param ownMutualTls own probes among those by mutual TLS, as far as this process made them
 * @param ownPlaintext the same in plaintext
 */
public record SecuredCalls(
    long mutualTls, long plaintext, long unknown, long ownMutualTls, long ownPlaintext) {

  /** Calls without own probes. */
  public SecuredCalls(long mutualTls, long plaintext, long unknown) {
    this(mutualTls, plaintext, unknown, 0, 0);
  }

  public long all() {
    return mutualTls + plaintext + unknown;
  }
}
