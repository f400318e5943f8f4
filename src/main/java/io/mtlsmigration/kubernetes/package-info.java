/**
 * Adapters that implement the ports of the pure packages on a real cluster. This is the only
 * package that knows fabric8; each sub-package implements one port or two.
 */
@NullMarked
package io.mtlsmigration.kubernetes;

import org.jspecify.annotations.NullMarked;
