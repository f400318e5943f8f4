/** What tests of every package draw from and tell time by. */
@NullMarked
package io.mtlsmigration.testing;

import org.jspecify.annotations.NullMarked;
