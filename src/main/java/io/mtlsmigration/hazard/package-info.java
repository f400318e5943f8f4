/** What breaks people when a mesh goes STRICT: one small rule each, one catalogue. Pure. */
@NullMarked
package io.mtlsmigration.hazard;

import org.jspecify.annotations.NullMarked;
