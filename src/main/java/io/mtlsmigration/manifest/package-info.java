/**
 * Reads Kubernetes manifests, YAML or JSON, into the facts of {@code mesh}: the one reader for
 * scenarios, dumps and API objects. It is bounded, strict, and reports everything that it cannot
 * read.
 */
@NullMarked
package io.mtlsmigration.manifest;

import org.jspecify.annotations.NullMarked;
