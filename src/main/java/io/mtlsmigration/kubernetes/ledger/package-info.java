/**
 * The port {@code rollout.RolloutLedger} on a real API server: plans, steps and events in custom
 * resources, plans made with kubectl, and Kubernetes Events. See docs/decisions/0006.
 */
@NullMarked
package io.mtlsmigration.kubernetes.ledger;

import org.jspecify.annotations.NullMarked;
