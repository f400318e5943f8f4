/** What must hold before a lock: one class a gate, and what several of them look at. Pure. */
@NullMarked
package io.mtlsmigration.rollout.gates;

import org.jspecify.annotations.NullMarked;
