/** What tests of every package share: draws, time, who leads, and what goes wrong. */
@NullMarked
package io.mtlsmigration.testing;

import org.jspecify.annotations.NullMarked;
