/** The loop that carries plans out: observe, decide, act, record. */
@NullMarked
package io.mtlsmigration.rollout.loop;

import org.jspecify.annotations.NullMarked;
