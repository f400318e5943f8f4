// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import java.time.Instant;

/**
 * A line of a proxy's access log about an accepted plaintext call.
 *
 * @param at when the kubelet took the line, which is when the request or connection had ended
 * @param client the source of the connection
 * @param server a pod behind the proxy, and the port that was called
 * @param http false for connections without a request known to the proxy
 */
record PlaintextLine(Instant at, Address client, Address server, boolean http) {}
