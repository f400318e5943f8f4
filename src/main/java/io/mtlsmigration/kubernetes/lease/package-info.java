/** Leader election among replicas, by a Lease in the service's own namespace. */
@NullMarked
package io.mtlsmigration.kubernetes.lease;

import org.jspecify.annotations.NullMarked;
