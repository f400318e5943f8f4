/**
 * Evidence of who talks to whom and how, as a closed set: measured, no samples, unavailable. Pure.
 */
@NullMarked
package io.mtlsmigration.traffic;

import org.jspecify.annotations.NullMarked;
