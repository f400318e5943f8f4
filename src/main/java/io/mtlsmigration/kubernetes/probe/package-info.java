/**
 * Probes from inside client pods: {@code curl} by exec, and agents, which are placed where no pod
 * has curl. See docs/decisions/0008 for what a probe of an endpoint means for each kind of client.
 */
@NullMarked
package io.mtlsmigration.kubernetes.probe;

import org.jspecify.annotations.NullMarked;
