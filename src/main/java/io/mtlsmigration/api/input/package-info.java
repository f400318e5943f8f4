/**
 * Strict input: unknown and wrong parts are reported with their place, all at once. Bodies are
 * first parsed as bounded trees, because a mapper that stops at the first wrong field makes people
 * correct a plan one round trip at a time.
 */
@NullMarked
package io.mtlsmigration.api.input;

import org.jspecify.annotations.NullMarked;
