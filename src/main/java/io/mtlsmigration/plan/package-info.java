/** Plans and their effects: plans, waves, previews, impact. Pure. */
@NullMarked
package io.mtlsmigration.plan;

import org.jspecify.annotations.NullMarked;
