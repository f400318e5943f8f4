/**
 * Facts about a mesh at one instant: what exists, not what it means. Immutable, free of Kubernetes
 * clients and of any framework; adapters read objects once, at the edge, and hand these over.
 */
@NullMarked
package io.mtlsmigration.mesh;

import org.jspecify.annotations.NullMarked;
