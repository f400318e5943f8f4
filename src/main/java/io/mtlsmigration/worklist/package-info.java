/**
 * The worklist: who has to act, on what, and which namespaces that frees. It folds what the gates
 * hold for ({@link io.mtlsmigration.rollout.gates.Hold}) by what would mend it, and judges nothing
 * itself.
 */
@NullMarked
package io.mtlsmigration.worklist;

import org.jspecify.annotations.NullMarked;
