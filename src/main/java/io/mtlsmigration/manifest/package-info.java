/**
 * Kubernetes manifests, YAML or JSON, read into the facts of {@code mesh}: the one reader for
 * scenarios, dumps and API objects. Bounded, strict, and never silent about what it cannot read.
 */
@NullMarked
package io.mtlsmigration.manifest;

import org.jspecify.annotations.NullMarked;
