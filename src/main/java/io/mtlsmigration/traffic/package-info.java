/**
 * Evidence of calls between workloads and their security, as a closed set: measured, no samples,
 * unavailable. Pure.
 */
@NullMarked
package io.mtlsmigration.traffic;

import org.jspecify.annotations.NullMarked;
