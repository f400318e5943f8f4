/**
 * Plans, steps and events in custom resources: the port {@code rollout.RolloutLedger} on a real API
 * server, plans that people make with kubectl, and Kubernetes Events. docs/decisions/0006 says how
 * and why.
 */
@NullMarked
package io.mtlsmigration.kubernetes.ledger;

import org.jspecify.annotations.NullMarked;
