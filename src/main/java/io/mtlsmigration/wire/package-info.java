/**
 * Wire checks: what connections to a server pod look like from outside the proxy, judged from their
 * first bytes. The last word on whether a call was plaintext or Istio mutual TLS.
 */
@NullMarked
package io.mtlsmigration.wire;

import org.jspecify.annotations.NullMarked;
