/**
 * The worklist: the tasks of each owner, and the namespaces that they unblock. It groups the holds
 * of the gates ({@link io.mtlsmigration.rollout.gates.Hold}) by their remedy, and judges nothing
 * itself.
 */
@NullMarked
package io.mtlsmigration.worklist;

import org.jspecify.annotations.NullMarked;
