// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

/**
 * The fields of a TCP segment's header that matter here (RFC 9293, 3.1).
 *
 * @param sequence 32 bits, unsigned
 * @param acknowledged 32 bits, unsigned; meaningless without {@code ack}
 */
public record TcpHeader(boolean syn, boolean ack, boolean rst, long sequence, long acknowledged) {}
