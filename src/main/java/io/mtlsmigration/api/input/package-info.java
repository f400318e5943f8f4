/**
 * Input, read strictly: what is unknown or wrong is named with its place, all of it at once. Bodies
 * are read as bounded trees first, because a mapper that stops at the first wrong field makes
 * people correct a plan one round trip at a time.
 */
@NullMarked
package io.mtlsmigration.api.input;

import org.jspecify.annotations.NullMarked;
