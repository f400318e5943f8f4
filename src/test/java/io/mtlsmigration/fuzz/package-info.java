/** What fuzzing began with and found. */
@NullMarked
package io.mtlsmigration.fuzz;

import org.jspecify.annotations.NullMarked;
