/** What webhooks of plans are asked and told. */
@NullMarked
package io.mtlsmigration.rollout.hooks;

import org.jspecify.annotations.NullMarked;
