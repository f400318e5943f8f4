/** What somebody wants, and what it would do: plans, waves, previews, impact. Pure. */
@NullMarked
package io.mtlsmigration.plan;

import org.jspecify.annotations.NullMarked;
