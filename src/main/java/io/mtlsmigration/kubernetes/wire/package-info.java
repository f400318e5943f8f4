/**
 * Wire checks in a cluster: tcpdump in the pod, by exec, and what it wrote, read with pkts. Bounded
 * in time, packets and size on both ends, for a capture that outlives its reader would go on in
 * somebody else's pod.
 */
@NullMarked
package io.mtlsmigration.kubernetes.wire;

import org.jspecify.annotations.NullMarked;
