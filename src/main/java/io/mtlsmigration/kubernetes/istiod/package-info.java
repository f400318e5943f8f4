/**
 * Whether the proxies follow: istiod's own account of what it sent them and what they acknowledged,
 * read through the API server from every istiod there is.
 */
@NullMarked
package io.mtlsmigration.kubernetes.istiod;

import org.jspecify.annotations.NullMarked;
