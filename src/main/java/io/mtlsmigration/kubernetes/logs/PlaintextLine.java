package io.mtlsmigration.kubernetes.logs;

import java.time.Instant;

/**
 * A line of a proxy's access log that tells of plaintext which was taken in.
 *
 * @param at when the kubelet took the line, which is when the request or connection had ended
 * @param client where the connection came from
 * @param server a pod that the proxy stands before, and the port that was called
 * @param http false for connections of which the proxy knows no request
 */
record PlaintextLine(Instant at, Address client, Address server, boolean http) {}
