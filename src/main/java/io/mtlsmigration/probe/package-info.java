/** Connectivity probes: targets, results, the matrix and its history. Pure. */
@NullMarked
package io.mtlsmigration.probe;

import org.jspecify.annotations.NullMarked;
