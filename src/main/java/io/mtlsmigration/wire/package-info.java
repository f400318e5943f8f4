/**
 * Wire checks: connections to a server pod as seen from outside its proxy, classified by their
 * first bytes. They are the final evidence of whether a call was plaintext or Istio mutual TLS.
 *
 * <p>An adapter implements the port {@link io.mtlsmigration.wire.WireTap}: it captures at a pod's
 * ports for a while and returns the first bytes of clients. Everything else happens here. Nothing
 * is inferred from policies: what was not seen is {@code UNKNOWN}, and a capture without traffic is
 * no success.
 */
@NullMarked
package io.mtlsmigration.wire;

import org.jspecify.annotations.NullMarked;
