/** What people ask of plans and steps, and what they are shown of them. */
@NullMarked
package io.mtlsmigration.rollout.commands;

import org.jspecify.annotations.NullMarked;
