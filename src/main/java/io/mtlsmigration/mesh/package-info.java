/**
 * Facts about a mesh at one instant: existing objects, not their meaning. Immutable, free of
 * Kubernetes clients and of any framework; adapters read objects once, at the edge, and pass these
 * on.
 */
@NullMarked
package io.mtlsmigration.mesh;

import org.jspecify.annotations.NullMarked;
