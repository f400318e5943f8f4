/**
 * The rollout of plans: phases, gates, decisions, approvals, the ledger of what was written. Pure.
 */
@NullMarked
package io.mtlsmigration.rollout;

import org.jspecify.annotations.NullMarked;
