/**
 * Configurations that break clients when a mesh becomes STRICT: one small rule each, one catalogue.
 * Pure.
 */
@NullMarked
package io.mtlsmigration.hazard;

import org.jspecify.annotations.NullMarked;
