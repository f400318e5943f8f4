/** Commands on plans and steps, and what they report about them. */
@NullMarked
package io.mtlsmigration.rollout.commands;

import org.jspecify.annotations.NullMarked;
