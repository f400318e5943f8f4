/** Reads pages that a pod serves to its own host only, by port-forward through the API server. */
@NullMarked
package io.mtlsmigration.kubernetes.forward;

import org.jspecify.annotations.NullMarked;
