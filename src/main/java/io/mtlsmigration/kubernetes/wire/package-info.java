/**
 * Wire checks in a cluster: tcpdump in the pod by exec, and its capture parsed with pkts. Captures
 * are bounded in time, packets and size on both ends: one that outlives its reader would keep
 * running in somebody else's pod.
 */
@NullMarked
package io.mtlsmigration.kubernetes.wire;

import org.jspecify.annotations.NullMarked;
