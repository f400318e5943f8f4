/**
 * Wire checks: what connections to a server pod look like from outside its proxy, judged from their
 * first bytes. The last word on whether a call was plaintext or Istio mutual TLS.
 *
 * <p>An adapter fills the port {@link io.mtlsmigration.wire.WireTap}: it watches a pod's ports for
 * a while and hands over what clients said first. Everything else happens here. Nothing is inferred
 * from policies: what was not seen is {@code UNKNOWN}, and a capture without traffic is no success.
 */
@NullMarked
package io.mtlsmigration.wire;

import org.jspecify.annotations.NullMarked;
