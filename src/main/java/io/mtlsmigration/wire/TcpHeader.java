package io.mtlsmigration.wire;

/**
 * What matters of a TCP segment's header (RFC 9293, 3.1).
 *
 * @param sequence 32 bits, unsigned
 * @param acknowledged 32 bits, unsigned; means nothing without {@code ack}
 */
public record TcpHeader(boolean syn, boolean ack, boolean rst, long sequence, long acknowledged) {}
