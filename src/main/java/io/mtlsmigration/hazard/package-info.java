/** Configurations that break clients when a mesh becomes STRICT: a catalogue of rules. Pure. */
@NullMarked
package io.mtlsmigration.hazard;

import org.jspecify.annotations.NullMarked;
