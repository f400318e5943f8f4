/** Gates that must hold before a lock, one class each, with the facts that they share. Pure. */
@NullMarked
package io.mtlsmigration.rollout.gates;

import org.jspecify.annotations.NullMarked;
