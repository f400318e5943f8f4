/**
 * Probes from inside client pods: {@code curl} by exec, and the pods that are placed where there is
 * no curl. What a probe of an endpoint means for each kind of client is in docs/decisions/0008.
 */
@NullMarked
package io.mtlsmigration.kubernetes.probe;

import org.jspecify.annotations.NullMarked;
