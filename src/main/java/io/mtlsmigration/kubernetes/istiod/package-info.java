/**
 * Reports whether proxies follow their policies: what istiod sent them and what they acknowledged,
 * read through the API server from every istiod.
 */
@NullMarked
package io.mtlsmigration.kubernetes.istiod;

import org.jspecify.annotations.NullMarked;
