/**
 * The real cluster behind the ports of the pure packages. The one place that knows fabric8; each
 * sub-package fills one port or two.
 */
@NullMarked
package io.mtlsmigration.kubernetes;

import org.jspecify.annotations.NullMarked;
