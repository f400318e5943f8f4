/** Questions and messages to the webhooks of plans. */
@NullMarked
package io.mtlsmigration.rollout.hooks;

import org.jspecify.annotations.NullMarked;
